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
// side by side. Those in use are shared; of the others at most `kept_max` are remembered. Not thread-safe.
class RowPackings {
 public:
  static constexpr std::size_t kept_max = 256;

  explicit RowPackings(const dnnl::engine& engine) : engine_(engine) {}
  std::shared_ptr<const Packing> get(std::int64_t rows, std::int64_t length, std::int64_t stride);

 private:
  dnnl::engine engine_;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::shared_ptr<const Packing>> made_;
};

}  // namespace fovea::llama
