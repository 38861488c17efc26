// ggml stores a weight column by column: `inner` numbers that belong to one output lie side by side. So a
// chunk of columns is one run of the file's numbers, and dequantises as such.
#include "engine/llama/onednn/packed_matrix.h"

#include <cstring>

namespace fovea::llama {

namespace {

// Alignment for the library's loads; new gives 16 at least.
constexpr std::size_t alignment = 64;

Packing packing_of(const ggml_tensor& weight, std::int64_t width, bool bfloat16, Products& products,
                   const dnnl::engine& engine) {
  const std::int64_t inner = weight.ne[0];
  return {engine, {1, inner}, products.b_layout(width, inner, bfloat16)};
}

std::int64_t last_width(const ggml_tensor& weight) {
  const std::int64_t left = weight.ne[1] % PackedMatrix::chunk_columns;
  return left == 0 ? PackedMatrix::chunk_columns : left;
}

}  // namespace

PackedMatrix::PackedMatrix(const ggml_tensor& weight, bool bfloat16, Products& products, const dnnl::engine& engine)
    : weight_(weight),
      inner_(weight.ne[0]),
      columns_(weight.ne[1]),
      bfloat16_(bfloat16),
      pack_full_(packing_of(weight, std::min(chunk_columns, columns_), bfloat16, products, engine)),
      pack_last_(packing_of(weight, last_width(weight), bfloat16, products, engine)),
      chunks_(static_cast<std::size_t>((columns_ + chunk_columns - 1) / chunk_columns)) {}

std::int64_t PackedMatrix::width(std::size_t chunk) const {
  return chunk + 1 == chunks_.size() ? last_width(weight_) : chunk_columns;
}

std::size_t PackedMatrix::scratch_bytes() const {
  return static_cast<std::size_t>(std::min(chunk_columns, columns_) * inner_) * sizeof(float);
}

const void* PackedMatrix::chunk(std::size_t chunk, Scratch& scratch) {
  Chunk& wanted = chunks_[chunk];
  std::call_once(wanted.packed, [&] { pack(wanted, chunk, scratch); });
  void* bytes = wanted.bytes.get();
  std::size_t space = alignment;
  return std::align(alignment, 1, bytes, space);
}

void PackedMatrix::pack(Chunk& chunk, std::size_t index, Scratch& scratch) const {
  const Packing& packing = index + 1 == chunks_.size() ? pack_last_ : pack_full_;
  chunk.bytes = std::make_unique_for_overwrite<std::byte[]>(packing.bytes() + alignment);
  const auto* stored =
      static_cast<const std::byte*>(weight_.data) + index * static_cast<std::size_t>(chunk_columns) * weight_.nb[1];
  const auto numbers = width(index) * inner_;
  auto* plain = static_cast<float*>(scratch.at(Scratch::weights));
  if (weight_.type == GGML_TYPE_F32) {
    std::memcpy(plain, stored, static_cast<std::size_t>(numbers) * sizeof(float));
  } else {
    ggml_get_type_traits(weight_.type)->to_float(stored, plain, numbers);
  }
  void* bytes = chunk.bytes.get();
  std::size_t space = packing.bytes() + alignment;
  packing.run(scratch.stream(), plain, std::align(alignment, packing.bytes(), bytes, space));
}

}  // namespace fovea::llama
