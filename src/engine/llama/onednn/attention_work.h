// AttentionWork: a GGML_OP_FLASH_ATTN_EXT node: each head's scores, softmax and values, cut into blocks of
// queries and, where a mask hides keys, chunks of keys.
//
// Scores are products of float32, since they are exponents. Their softmax and the values are multiplied as
// bfloat16 where the layer's weights are. A block's scores stay in a processor's own cache.
#pragma once

#include <ggml.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/llama/onednn/key_mask.h"
#include "engine/llama/onednn/node_work.h"
#include "engine/llama/onednn/row_block.h"

namespace fovea::llama {

class AttentionWork final : public NodeWork {
 public:
  // Whether a node can be computed so: one sequence of float32 queries, keys and values of float32 or 16
  // bits, and neither a bias by position, nor capped scores, nor sinks.
  static bool fits(const ggml_tensor& node);

  // REQUIRES: fits(node). Throws dnnl::error.
  AttentionWork(const ggml_tensor& node, bool bfloat16, Primitives& primitives);
  ~AttentionWork() override;

  void reserve(Scratch& scratch) const override;

 private:
  struct Block;
  std::unique_ptr<Block> block_of(std::int64_t rows, Primitives& primitives) const;
  std::int64_t width_of(std::int64_t chunk) const;  // keys of it
  void compute(std::size_t unit, Scratch& scratch) override;
  void prepare_head(std::int64_t head, Scratch& scratch) const;
  void score(const Block& block, std::int64_t first, const float* queries, Scratch& scratch) const;
  void clear_blind_rows(const Block& block, Scratch& scratch) const;
  void gather(const Block& block, std::int64_t first, Scratch& scratch, float* to) const;

  const ggml_tensor queries_, keys_, values_;  // copies: the graph that names them may be built again
  const std::optional<KeyMask> mask_;
  float* output_;
  const float scale_;
  const bool bfloat16_;
  const std::int64_t group_;       // heads of queries that share one of keys
  const std::int64_t block_rows_;  // queries of a block
  const std::int64_t blocks_;      // of a head
  const std::int64_t chunk_keys_;
  const std::int64_t chunks_;
  std::unique_ptr<Block> full_, last_;
  std::array<std::unique_ptr<Packing>, 2> pack_keys_, pack_values_;  // full chunks, and the last one
  std::size_t packed_keys_bytes_ = 0, packed_values_bytes_ = 0;      // of a chunk
};

}  // namespace fovea::llama
