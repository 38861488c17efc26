// PackedMatrix: a model's weight in the layout and numbers that its products want, in chunks of columns.
//
// A chunk is dequantised and packed when it is first needed, by the thread that needs it. Thread-safe.
// Borrows the weight's data, which stays where it is as long as the model is loaded.
#pragma once

#include <ggml.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/llama/onednn/packing.h"
#include "engine/llama/onednn/product.h"

namespace fovea::llama {

class PackedMatrix {
 public:
  // Columns of a chunk. Wide enough that a product of it is worth the call, and narrow enough that a chunk of
  // a usual weight stays in a processor's own cache.
  static constexpr std::int64_t chunk_columns = 256;

  // `weight`: [inner x columns] as ggml counts, on the host. Throws dnnl::error.
  PackedMatrix(const ggml_tensor& weight, bool bfloat16, Products& products, const dnnl::engine& engine);

  std::int64_t inner() const { return inner_; }
  std::int64_t columns() const { return columns_; }
  bool bfloat16() const { return bfloat16_; }
  std::size_t chunks() const { return chunks_.size(); }
  // Columns of this chunk: chunk_columns, or what is left for the last one.
  std::int64_t width(std::size_t chunk) const;
  // The most bytes that dequantising a chunk needs (Scratch::weights).
  std::size_t scratch_bytes() const;

  // The packed columns of a chunk. Throws std::bad_alloc and dnnl::error.
  const void* chunk(std::size_t chunk, Scratch& scratch);

 private:
  struct Chunk {
    std::once_flag packed;
    std::unique_ptr<std::byte[]> bytes;
  };
  void pack(Chunk& chunk, std::size_t index, Scratch& scratch) const;

  const ggml_tensor weight_;  // a copy: the graph that names it may be built again
  const std::int64_t inner_, columns_;
  const bool bfloat16_;
  Packing pack_full_, pack_last_;
  std::vector<Chunk> chunks_;
};

}  // namespace fovea::llama
