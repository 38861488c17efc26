// Packing: turns plain float32 numbers into the layout and the numbers in which a product wants a factor.
// Immutable once made; several threads may run one.
#pragma once

#include <dnnl.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <tuple>

namespace fovea::llama {

class Packing {
 public:
  // From float32 with these extents and strides, in elements, to `layout`. Throws dnnl::error.
  Packing(const dnnl::engine& engine, const dnnl::memory::dims& strides, const dnnl::memory::desc& layout);

  std::size_t bytes() const { return to_.get_size(); }
  void run(dnnl::stream& stream, const float* from, void* to) const;

 private:
  dnnl::engine engine_;
  dnnl::memory::desc from_, to_;
  dnnl::reorder primitive_;
};

// The packings of rows that were made so far: float32 rows that lie `stride` elements apart, to bfloat16 rows
// side by side. Their number is bounded by the shapes in the models' graphs. Not thread-safe.
class RowPackings {
 public:
  explicit RowPackings(const dnnl::engine& engine) : engine_(engine) {}
  const Packing& get(std::int64_t rows, std::int64_t length, std::int64_t stride);

 private:
  dnnl::engine engine_;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::unique_ptr<Packing>> made_;
};

}  // namespace fovea::llama
