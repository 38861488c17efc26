// The units of a head come one after another, so a thread that takes several of them packs the head's keys and
// values once.
#include "engine/llama/onednn/attention_work.h"

#include <algorithm>
#include <cstring>

#include "engine/llama/onednn/softmax.h"

namespace fovea::llama {

namespace {

// Scores of a block, bytes: half of a usual processor's own cache.
constexpr std::int64_t scores_bytes = 256 << 10;

std::int64_t stride_of(const ggml_tensor& tensor, int dimension) {
  return static_cast<std::int64_t>(tensor.nb[dimension] / ggml_type_size(tensor.type));
}

std::int64_t rows_for(std::int64_t keys) {
  const std::int64_t rows = scores_bytes / static_cast<std::int64_t>(sizeof(float)) / keys;
  return std::clamp<std::int64_t>(rows / 16 * 16, 16, 256);
}

bool has_rows(const ggml_tensor& tensor) {
  const bool plain = tensor.type == GGML_TYPE_F32 || tensor.type == GGML_TYPE_F16 || tensor.type == GGML_TYPE_BF16;
  return plain && tensor.nb[0] == ggml_type_size(tensor.type) && tensor.ne[3] == 1;
}

// Numbers at `from` as float32.
void widen(const ggml_tensor& of, const std::byte* from, float* to, std::int64_t count) {
  if (of.type == GGML_TYPE_F32) {
    std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
  } else {
    ggml_get_type_traits(of.type)->to_float(from, to, count);
  }
}

// The matrix of one head as float32 rows side by side.
void widen_head(const ggml_tensor& of, std::int64_t head, float* to) {
  const auto* from = static_cast<const std::byte*>(of.data) + static_cast<std::size_t>(head) * of.nb[2];
  for (std::int64_t row = 0; row < of.ne[1]; ++row)
    widen(of, from + static_cast<std::size_t>(row) * of.nb[1], to + row * of.ne[0], of.ne[0]);
}

float parameter(const ggml_tensor& node, std::size_t index) {
  float value = 0;
  std::memcpy(&value, &node.op_params[index], sizeof value);
  return value;
}

}  // namespace

struct AttentionWork::Block {
  RowBlock queries;
  const Product* scores;
  Softmax softmax;
  const Product* values;
};

bool AttentionWork::fits(const ggml_tensor& node) {
  const ggml_tensor *queries = node.src[0], *keys = node.src[1], *values = node.src[2];
  const bool masked = node.src[3] != nullptr || node.src[4] != nullptr;
  const bool plain = parameter(node, 1) == 0 && parameter(node, 2) == 0;  // no bias by position, no soft cap
  return !masked && plain && has_rows(*queries) && has_rows(*keys) && has_rows(*values) &&
         queries->type == GGML_TYPE_F32 && keys->ne[2] == queries->ne[2] && values->ne[2] == queries->ne[2];
}

AttentionWork::AttentionWork(const ggml_tensor& node, bool bfloat16, Primitives& primitives)
    : NodeWork(static_cast<std::size_t>(node.src[0]->ne[2] * ((node.src[0]->ne[1] + rows_for(node.src[1]->ne[1]) - 1) /
                                                              rows_for(node.src[1]->ne[1])))),
      queries_(*node.src[0]),
      keys_(*node.src[1]),
      values_(*node.src[2]),
      output_(static_cast<float*>(node.data)),
      scale_(parameter(node, 0)),
      block_rows_(rows_for(keys_.ne[1])),
      bfloat16_(bfloat16) {
  const std::int64_t rows = queries_.ne[1];
  blocks_ = (rows + block_rows_ - 1) / block_rows_;
  if (rows >= block_rows_) full_ = block_of(block_rows_, primitives);
  last_ = block_of(rows - (blocks_ - 1) * block_rows_, primitives);
  using dims = dnnl::memory::dims;
  pack_keys_ = std::make_unique<Packing>(primitives.engine, dims{1, keys_.ne[0]}, last_->scores->b_layout());
  pack_values_ = std::make_unique<Packing>(primitives.engine, dims{values_.ne[0], 1}, last_->values->b_layout());
}

AttentionWork::~AttentionWork() = default;

std::unique_ptr<AttentionWork::Block> AttentionWork::block_of(std::int64_t rows, Primitives& primitives) const {
  const std::int64_t keys = keys_.ne[1], width = keys_.ne[0], values_width = values_.ne[0];
  const RowBlock queries(rows, width, stride_of(queries_, 1), false, primitives);
  const Product& scores = primitives.products.get({.rows = queries.padded_rows(),
                                                   .columns = keys,
                                                   .inner = width,
                                                   .a_stride = queries.prepared_stride(),
                                                   .out_stride = keys,
                                                   .bfloat16 = false,
                                                   .scale = scale_});
  const Product& values =
      primitives.products.get({.rows = queries.padded_rows(),
                               .columns = values_width,
                               .inner = keys,
                               .a_stride = keys,
                               .out_stride = queries.padded() ? values_width : queries_.ne[2] * values_width,
                               .bfloat16 = bfloat16_});
  return std::make_unique<Block>(queries, &scores, Softmax(primitives.engine, queries.padded_rows(), keys, bfloat16_),
                                 &values);
}

void AttentionWork::reserve(Scratch& scratch) const {
  const auto floats = [](std::int64_t count) { return static_cast<std::size_t>(count) * sizeof(float); };
  scratch.reserve(Scratch::keys, floats(ggml_nelements(&keys_) / keys_.ne[2]));
  scratch.reserve(Scratch::values, floats(ggml_nelements(&values_) / values_.ne[2]));
  scratch.reserve(Scratch::packed_keys, pack_keys_->bytes());
  scratch.reserve(Scratch::packed_values, pack_values_->bytes());
  for (const Block* block : {full_.get(), last_.get()}) {
    if (block == nullptr) continue;
    const std::int64_t rows = block->queries.padded_rows();
    scratch.reserve(Scratch::input, block->queries.scratch_bytes());
    scratch.reserve(Scratch::output, floats(rows * values_.ne[0]));
    scratch.reserve(Scratch::scores, floats(rows * keys_.ne[1]));
    scratch.reserve(Scratch::probabilities, floats(rows * keys_.ne[1]));
    scratch.reserve(Scratch::library, std::max({block->scores->library_bytes(), block->softmax.library_bytes(),
                                                block->values->library_bytes()}));
  }
}

void AttentionWork::prepare_head(std::int64_t head, Scratch& scratch) const {
  for (const auto& [of, packing, plain, packed] :
       {std::tuple(&keys_, pack_keys_.get(), Scratch::keys, Scratch::packed_keys),
        std::tuple(&values_, pack_values_.get(), Scratch::values, Scratch::packed_values)}) {
    auto* rows = static_cast<float*>(scratch.at(plain));
    widen_head(*of, head, rows);
    packing->run(scratch.stream(), rows, scratch.at(packed));
  }
}

void AttentionWork::compute(std::size_t unit, Scratch& scratch) {
  const std::int64_t head = static_cast<std::int64_t>(unit) / blocks_,
                     index = static_cast<std::int64_t>(unit) % blocks_;
  if (!scratch.is_prepared(serial(), static_cast<std::size_t>(head))) prepare_head(head, scratch);
  const Block& block = index + 1 == blocks_ ? *last_ : *full_;
  const std::int64_t first = index * block_rows_, width = values_.ne[0], heads = queries_.ne[2];
  const auto* queries =
      static_cast<const float*>(queries_.data) + head * stride_of(queries_, 2) + first * stride_of(queries_, 1);
  auto* scores = static_cast<float*>(scratch.at(Scratch::scores));
  void* probabilities = scratch.at(Scratch::probabilities);
  block.scores->run(scratch, block.queries.prepare(queries, scratch), scratch.at(Scratch::packed_keys), scores);
  block.softmax.run(scratch, scores, probabilities);
  float* to = output_ + (first * heads + head) * width;
  if (!block.queries.padded()) return block.values->run(scratch, probabilities, scratch.at(Scratch::packed_values), to);
  auto* padded = static_cast<float*>(scratch.at(Scratch::output));
  block.values->run(scratch, probabilities, scratch.at(Scratch::packed_values), padded);
  for (std::int64_t row = 0; row < block.queries.rows(); ++row)
    std::copy_n(padded + row * width, width, to + row * heads * width);
}

}  // namespace fovea::llama
