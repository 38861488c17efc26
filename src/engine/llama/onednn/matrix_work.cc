// The units of a block come one after another, so a thread that takes several of them prepares the block's
// rows once.
#include "engine/llama/onednn/matrix_work.h"

#include <algorithm>
#include <cstring>

namespace fovea::llama {

namespace {

std::int64_t rows_of(const ggml_tensor& node) { return ggml_nelements(&node) / node.ne[0]; }

std::size_t blocks_of(const ggml_tensor& node) {
  return static_cast<std::size_t>((rows_of(node) + MatrixWork::block_rows - 1) / MatrixWork::block_rows);
}

}  // namespace

MatrixWork::MatrixWork(const ggml_tensor& node, PackedMatrix& weight, Primitives& primitives)
    : NodeWork(blocks_of(node) * weight.chunks()),
      weight_(weight),
      input_(static_cast<const float*>(node.src[1]->data)),
      output_(static_cast<float*>(node.data)),
      blocks_(blocks_of(node)) {
  const std::int64_t rows = rows_of(node);
  if (rows >= block_rows) full_ = block_of(block_rows, primitives);
  last_ = block_of(rows - static_cast<std::int64_t>(blocks_ - 1) * block_rows, primitives);
}

MatrixWork::Block MatrixWork::block_of(std::int64_t rows, Primitives& primitives) const {
  Block block{.rows = RowBlock(rows, weight_.inner(), weight_.inner(), weight_.bfloat16(), primitives)};
  const auto product = [&](std::size_t chunk) {
    const std::int64_t width = weight_.width(chunk);
    return primitives.products.get({.rows = block.rows.padded_rows(),
                                    .columns = width,
                                    .inner = weight_.inner(),
                                    .a_stride = weight_.inner(),
                                    .out_stride = block.rows.padded() ? width : weight_.columns(),
                                    .bfloat16 = weight_.bfloat16()});
  };
  block.products = {product(0), product(weight_.chunks() - 1)};
  return block;
}

void MatrixWork::reserve(Scratch& scratch) const {
  scratch.reserve(Scratch::weights, weight_.scratch_bytes());
  for (const Block* block : {&full_, &last_}) {
    scratch.reserve(Scratch::input, block->rows.scratch_bytes());
    scratch.reserve(Scratch::output,
                    static_cast<std::size_t>(block->rows.padded_rows() * PackedMatrix::chunk_columns) * sizeof(float));
    for (const auto& product : block->products) {
      if (product != nullptr) scratch.reserve(Scratch::library, product->library_bytes());
    }
  }
}

void MatrixWork::compute(std::size_t unit, Scratch& scratch) {
  const std::size_t index = unit / weight_.chunks();
  const std::size_t chunk = unit % weight_.chunks();
  const Block& block = index + 1 == blocks_ ? last_ : full_;
  const Product& product = *block.products[chunk + 1 == weight_.chunks() ? 1 : 0];
  const std::int64_t first_row = static_cast<std::int64_t>(index) * block_rows;
  const float* from = input_ + first_row * weight_.inner();
  const void* packed = weight_.chunk(chunk, scratch);
  const bool copied = block.rows.scratch_bytes() > 0;
  const void* rows =
      copied && scratch.is_prepared(serial(), index) ? scratch.at(Scratch::input) : block.rows.prepare(from, scratch);
  float* to = output_ + first_row * weight_.columns() + static_cast<std::int64_t>(chunk) * PackedMatrix::chunk_columns;
  if (!block.rows.padded()) return product.run(scratch, rows, packed, to);
  auto* padded = static_cast<float*>(scratch.at(Scratch::output));
  product.run(scratch, rows, packed, padded);
  const std::int64_t width = weight_.width(chunk);
  for (std::int64_t row = 0; row < block.rows.rows(); ++row)
    std::copy_n(padded + row * width, width, to + row * weight_.columns());
}

}  // namespace fovea::llama
