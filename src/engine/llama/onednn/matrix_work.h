// MatrixWork: a GGML_OP_MUL_MAT node with a weight of the model, cut into blocks of rows and chunks of
// columns.
#pragma once

#include <array>
#include <memory>

#include "engine/llama/onednn/node_work.h"
#include "engine/llama/onednn/packed_matrix.h"
#include "engine/llama/onednn/row_block.h"

namespace fovea::llama {

class MatrixWork final : public NodeWork {
 public:
  // Rows of a block: enough to use each number of a chunk often, and few enough that every thread has some.
  static constexpr std::int64_t block_rows = 128;

  // REQUIRES: `node` and its second source are contiguous float32; its first source is `weight`.
  // Throws dnnl::error.
  MatrixWork(const ggml_tensor& node, PackedMatrix& weight, Primitives& primitives);

  void reserve(Scratch& scratch) const override;

 private:
  struct Block {
    RowBlock rows;
    std::array<std::shared_ptr<const Product>, 2> products = {};  // for chunks of full width, and for the last one
  };
  Block block_of(std::int64_t rows, Primitives& primitives) const;
  void compute(std::size_t unit, Scratch& scratch) override;

  PackedMatrix& weight_;
  const float* input_;
  float* output_;
  std::size_t blocks_;
  Block full_, last_;
};

}  // namespace fovea::llama
