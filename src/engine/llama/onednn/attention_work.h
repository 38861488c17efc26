// AttentionWork: a GGML_OP_FLASH_ATTN_EXT node without a mask, as vision encoders have it: each head's scores,
// softmax and values, cut into blocks of queries.
//
// Scores are products of float32, since they are exponents. Their softmax and the values are multiplied as
// bfloat16 where the model's weights are. A block's scores stay in a processor's own cache.
#pragma once

#include <ggml.h>

#include <memory>

#include "engine/llama/onednn/node_work.h"
#include "engine/llama/onednn/row_block.h"

namespace fovea::llama {

class AttentionWork final : public NodeWork {
 public:
  // Whether a node can be computed so: no mask, no bias, no sinks, as many heads of keys as of queries.
  static bool fits(const ggml_tensor& node);

  // REQUIRES: fits(node). Throws dnnl::error.
  AttentionWork(const ggml_tensor& node, bool bfloat16, Primitives& primitives);
  ~AttentionWork() override;

  void reserve(Scratch& scratch) const override;

 private:
  struct Block;
  std::unique_ptr<Block> block_of(std::int64_t rows, Primitives& primitives) const;
  void compute(std::size_t unit, Scratch& scratch) override;
  void prepare_head(std::int64_t head, Scratch& scratch) const;

  const ggml_tensor queries_, keys_, values_;  // copies: the graph that names them may be built again
  float* output_;
  const float scale_;
  const std::int64_t block_rows_;
  const bool bfloat16_;
  std::int64_t blocks_ = 0;  // of a head
  std::unique_ptr<Block> full_, last_;
  std::unique_ptr<Packing> pack_keys_, pack_values_;
};

}  // namespace fovea::llama
