// The units of a head of keys come one after another, so a thread that takes several of them packs the head's
// keys and values once. Without a mask there is one chunk of keys. With one, a chunk that a block of queries
// does not see takes no product: half of them do not in a prompt. The softmax is over all keys, where hidden
// ones count nothing. A query that sees no key has no softmax; its result is 0, as in ggml's own attention.
#include "engine/llama/onednn/attention_work.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <tuple>

#include "engine/llama/onednn/softmax.h"

namespace fovea::llama {

namespace {

// Scores of a block, bytes: a quarter of a usual processor's own cache.
constexpr std::int64_t scores_bytes = 256 << 10;
// The keys and values of a head as one thread packs them; longer contexts are left to ggml.
constexpr std::int64_t packed_bytes_max = 64 << 20;
// libllama's cache grows by so many keys.
constexpr std::int64_t masked_chunk_keys = 256;

std::int64_t stride_of(const ggml_tensor& tensor, int dimension) {
  return static_cast<std::int64_t>(tensor.nb[dimension] / ggml_type_size(tensor.type));
}

std::int64_t rows_for(std::int64_t keys) {
  const std::int64_t rows = scores_bytes / static_cast<std::int64_t>(sizeof(float)) / keys;
  return std::clamp<std::int64_t>(rows / 16 * 16, 16, 256);
}

std::int64_t rounded_up(std::int64_t count, std::int64_t unit) { return (count + unit - 1) / unit; }

bool has_rows(const ggml_tensor& tensor) {
  const bool plain = tensor.type == GGML_TYPE_F32 || tensor.type == GGML_TYPE_F16 || tensor.type == GGML_TYPE_BF16;
  return plain && tensor.nb[0] == ggml_type_size(tensor.type) && tensor.ne[3] == 1;
}

// Rows of the matrix of one head as float32 side by side.
void widen_rows(const ggml_tensor& of, std::int64_t head, std::int64_t first, std::int64_t count, float* to) {
  const auto* from = static_cast<const std::byte*>(of.data) + static_cast<std::size_t>(head) * of.nb[2] +
                     static_cast<std::size_t>(first) * of.nb[1];
  for (std::int64_t row = 0; row < count; ++row, from += of.nb[1], to += of.ne[0]) {
    if (of.type == GGML_TYPE_F32) {
      std::memcpy(to, from, static_cast<std::size_t>(of.ne[0]) * sizeof(float));
    } else {
      ggml_get_type_traits(of.type)->to_float(from, to, of.ne[0]);
    }
  }
}

float parameter(const ggml_tensor& node, std::size_t index) {
  float value = 0;
  std::memcpy(&value, &node.op_params[index], sizeof value);
  return value;
}

std::size_t units_of(const ggml_tensor& node) {
  return static_cast<std::size_t>(node.src[0]->ne[2] * rounded_up(node.src[0]->ne[1], rows_for(node.src[1]->ne[1])));
}

}  // namespace

// The products of a block, for chunks of full width and for the last one.
struct AttentionWork::Block {
  RowBlock queries;
  Softmax softmax;
  std::array<std::shared_ptr<const Product>, 2> scores = {};
  std::array<std::shared_ptr<const Product>, 2> first_values = {};
  std::array<std::shared_ptr<const Product>, 2> more_values = {};  // are added to those of the chunks before
};

bool AttentionWork::fits(const ggml_tensor& node) {
  const ggml_tensor *queries = node.src[0], *keys = node.src[1], *values = node.src[2], *mask = node.src[3];
  const bool plain = parameter(node, 1) == 0 && parameter(node, 2) == 0 && node.src[4] == nullptr;
  const std::int64_t packed = keys->ne[1] * (keys->ne[0] + values->ne[0]) * static_cast<std::int64_t>(sizeof(float));
  return plain && packed <= packed_bytes_max && (mask == nullptr || KeyMask::fits(*mask)) && has_rows(*queries) &&
         has_rows(*keys) && has_rows(*values) && queries->type == GGML_TYPE_F32 && queries->ne[2] % keys->ne[2] == 0 &&
         values->ne[2] == keys->ne[2];
}

AttentionWork::AttentionWork(const ggml_tensor& node, bool bfloat16, Primitives& primitives)
    : NodeWork(units_of(node)),
      queries_(*node.src[0]),
      keys_(*node.src[1]),
      values_(*node.src[2]),
      mask_(node.src[3] == nullptr ? std::nullopt : std::optional(KeyMask(*node.src[3]))),
      output_(static_cast<float*>(node.data)),
      scale_(parameter(node, 0)),
      bfloat16_(bfloat16),
      group_(queries_.ne[2] / keys_.ne[2]),
      block_rows_(rows_for(keys_.ne[1])),
      blocks_(rounded_up(queries_.ne[1], block_rows_)),
      chunk_keys_(mask_ ? std::min(masked_chunk_keys, keys_.ne[1]) : keys_.ne[1]),
      chunks_(rounded_up(keys_.ne[1], chunk_keys_)) {
  const std::int64_t rows = queries_.ne[1];
  if (rows >= block_rows_) full_ = block_of(block_rows_, primitives);
  last_ = block_of(rows - (blocks_ - 1) * block_rows_, primitives);
  for (const std::size_t i : {0u, 1u}) {
    using dims = dnnl::memory::dims;
    const std::int64_t count = width_of(i == 0 ? 0 : chunks_ - 1);
    pack_keys_[i] = std::make_unique<Packing>(primitives.engine, dims{1, keys_.ne[0]},
                                              primitives.products.b_layout(count, keys_.ne[0], false));
    pack_values_[i] = std::make_unique<Packing>(primitives.engine, dims{values_.ne[0], 1},
                                                primitives.products.b_layout(values_.ne[0], count, bfloat16_));
    packed_keys_bytes_ = std::max(packed_keys_bytes_, Scratch::aligned(pack_keys_[i]->bytes()));
    packed_values_bytes_ = std::max(packed_values_bytes_, Scratch::aligned(pack_values_[i]->bytes()));
  }
}

AttentionWork::~AttentionWork() = default;

std::int64_t AttentionWork::width_of(std::int64_t chunk) const {
  return std::min(chunk_keys_, keys_.ne[1] - chunk * chunk_keys_);
}

std::unique_ptr<AttentionWork::Block> AttentionWork::block_of(std::int64_t rows, Primitives& primitives) const {
  const std::int64_t keys = keys_.ne[1], values_width = values_.ne[0];
  const RowBlock queries(rows, keys_.ne[0], stride_of(queries_, 1), false, primitives);
  auto block = std::make_unique<Block>(
      Block{.queries = queries, .softmax = Softmax(primitives.engine, queries.padded_rows(), keys, bfloat16_)});
  for (const std::size_t i : {0u, 1u}) {
    const std::int64_t width = width_of(i == 0 ? 0 : chunks_ - 1);
    block->scores[i] = primitives.products.get({.rows = queries.padded_rows(),
                                                .columns = width,
                                                .inner = keys_.ne[0],
                                                .a_stride = queries.prepared_stride(),
                                                .out_stride = keys,
                                                .bfloat16 = false,
                                                .scale = scale_});
    ProductShape values{.rows = queries.padded_rows(),
                        .columns = values_width,
                        .inner = width,
                        .a_stride = keys,
                        .out_stride = queries.padded() ? values_width : queries_.ne[2] * values_width,
                        .bfloat16 = bfloat16_};
    block->first_values[i] = primitives.products.get(values);
    values.adds = true;
    block->more_values[i] = chunks_ == 1 ? nullptr : primitives.products.get(values);
  }
  return block;
}

void AttentionWork::reserve(Scratch& scratch) const {
  const auto floats = [](std::int64_t count) { return static_cast<std::size_t>(count) * sizeof(float); };
  scratch.reserve(Scratch::rows, floats(chunk_keys_ * std::max(keys_.ne[0], values_.ne[0])));
  scratch.reserve(Scratch::packed_keys, packed_keys_bytes_ * static_cast<std::size_t>(chunks_));
  scratch.reserve(Scratch::packed_values, packed_values_bytes_ * static_cast<std::size_t>(chunks_));
  for (const Block* block : {full_.get(), last_.get()}) {
    if (block == nullptr) continue;
    const std::int64_t rows = block->queries.padded_rows();
    scratch.reserve(Scratch::input, block->queries.scratch_bytes());
    scratch.reserve(Scratch::output, floats(rows * values_.ne[0]));
    scratch.reserve(Scratch::scores, floats(rows * keys_.ne[1]));
    scratch.reserve(Scratch::probabilities, floats(rows * keys_.ne[1]));
    scratch.reserve(Scratch::library, block->softmax.library_bytes());
    for (const auto& products : {block->scores, block->first_values, block->more_values}) {
      for (const auto& product : products) {
        if (product != nullptr) scratch.reserve(Scratch::library, product->library_bytes());
      }
    }
  }
}

void AttentionWork::prepare_head(std::int64_t head, Scratch& scratch) const {
  auto* rows = static_cast<float*>(scratch.at(Scratch::rows));
  for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
    const std::size_t which = chunk + 1 == chunks_ ? 1 : 0;
    const std::int64_t first = chunk * chunk_keys_, count = width_of(chunk);
    widen_rows(keys_, head, first, count, rows);
    pack_keys_[which]->run(scratch.stream(), rows, scratch.at(Scratch::packed_keys, chunk, packed_keys_bytes_));
    widen_rows(values_, head, first, count, rows);
    pack_values_[which]->run(scratch.stream(), rows, scratch.at(Scratch::packed_values, chunk, packed_values_bytes_));
  }
}

void AttentionWork::compute(std::size_t unit, Scratch& scratch) {
  const std::int64_t head = static_cast<std::int64_t>(unit) / blocks_;
  const std::int64_t index = static_cast<std::int64_t>(unit) % blocks_;
  const std::int64_t keys_head = head / group_;
  if (!scratch.is_prepared(serial(), static_cast<std::size_t>(keys_head))) prepare_head(keys_head, scratch);
  const Block& block = index + 1 == blocks_ ? *last_ : *full_;
  const std::int64_t first = index * block_rows_, width = values_.ne[0], heads = queries_.ne[2];
  const auto* queries = static_cast<const float*>(queries_.data) + head * stride_of(queries_, 2);
  score(block, first, queries + first * stride_of(queries_, 1), scratch);
  block.softmax.run(scratch, static_cast<const float*>(scratch.at(Scratch::scores)),
                    scratch.at(Scratch::probabilities));
  if (mask_) clear_blind_rows(block, scratch);
  float* to = output_ + (first * heads + head) * width;
  if (!block.queries.padded()) return gather(block, first, scratch, to);
  auto* padded = static_cast<float*>(scratch.at(Scratch::output));
  gather(block, first, scratch, padded);
  for (std::int64_t row = 0; row < block.queries.rows(); ++row)
    std::copy_n(padded + row * width, width, to + row * heads * width);
}

// The scores of all keys; those that are hidden are minus infinity.
void AttentionWork::score(const Block& block, std::int64_t first, const float* queries, Scratch& scratch) const {
  const void* prepared = block.queries.prepare(queries, scratch);
  const std::int64_t keys = keys_.ne[1], rows = block.queries.rows();
  for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
    const std::int64_t key = chunk * chunk_keys_, width = width_of(chunk);
    float* scores = static_cast<float*>(scratch.at(Scratch::scores)) + key;
    const auto sight = mask_ ? mask_->sight(first, rows, key, width) : KeyMask::Sight::all;
    if (sight == KeyMask::Sight::nothing) {
      for (std::int64_t row = 0; row < block.queries.padded_rows(); ++row)
        std::fill_n(scores + row * keys, width, -std::numeric_limits<float>::infinity());
      continue;
    }
    block.scores[chunk + 1 == chunks_ ? 1 : 0]->run(
        scratch, prepared, scratch.at(Scratch::packed_keys, chunk, packed_keys_bytes_), scores);
    if (sight == KeyMask::Sight::all) continue;
    for (std::int64_t row = 0; row < rows; ++row) mask_->add(first + row, key, width, scores + row * keys);
  }
}

// The softmax of scores that are all minus infinity is no number. A score that is none itself stays one.
void AttentionWork::clear_blind_rows(const Block& block, Scratch& scratch) const {
  const auto keys = static_cast<std::size_t>(keys_.ne[1]), number = bfloat16_ ? 2 : sizeof(float);
  const auto* scores = static_cast<const float*>(scratch.at(Scratch::scores));
  auto* probabilities = static_cast<std::byte*>(scratch.at(Scratch::probabilities));
  const auto hidden = [](float score) { return score == -std::numeric_limits<float>::infinity(); };
  for (std::int64_t row = 0; row < block.queries.rows(); ++row, scores += keys, probabilities += keys * number) {
    if (std::all_of(scores, scores + keys, hidden)) std::memset(probabilities, 0, keys * number);
  }
}

// The sum of the values, weighted by the probabilities; 0 where a block sees no key.
void AttentionWork::gather(const Block& block, std::int64_t first, Scratch& scratch, float* to) const {
  const std::size_t number = bfloat16_ ? 2 : sizeof(float);
  bool begun = false;
  for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
    const std::int64_t key = chunk * chunk_keys_;
    if (mask_ && mask_->sight(first, block.queries.rows(), key, width_of(chunk)) == KeyMask::Sight::nothing) continue;
    const auto* probabilities =
        static_cast<const std::byte*>(scratch.at(Scratch::probabilities)) + static_cast<std::size_t>(key) * number;
    const std::size_t which = chunk + 1 == chunks_ ? 1 : 0;
    const Product& product = begun ? *block.more_values[which] : *block.first_values[which];
    product.run(scratch, probabilities, scratch.at(Scratch::packed_values, chunk, packed_values_bytes_), to);
    begun = true;
  }
  const std::int64_t width = values_.ne[0];
  const std::int64_t stride = block.queries.padded() ? width : queries_.ne[2] * width;
  for (std::int64_t row = 0; !begun && row < block.queries.rows(); ++row) std::fill_n(to + row * stride, width, 0.0F);
}

}  // namespace fovea::llama
