#include "engine/llama/decode/attention_tap.h"

#include <ggml-backend.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fovea::llama {

namespace {

// The layer whose attention this node is.
std::optional<std::uint32_t> layer_of(const ggml_tensor& node) {
  constexpr std::string_view prefix = "kq_soft_max-";
  const std::string_view name = node.name;
  if (!name.starts_with(prefix)) return std::nullopt;
  std::uint32_t layer = 0;
  const auto [end, error] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), layer);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return layer;
}

}  // namespace

bool AttentionTap::on_node(ggml_tensor* node, bool ask, void* tap) {
  auto& self = *static_cast<AttentionTap*>(tap);
  if (ask) return self.sum_ != nullptr && self.taps(*node);
  if (self.sum_ != nullptr) self.fold(*node);
  return true;  // go on
}

// A batch of several streams (ne[3]) is not tapped: its rows would belong to several requests.
bool AttentionTap::taps(const ggml_tensor& node) const {
  const auto layer = layer_of(node);
  return layer && *layer < tapped_.size() && tapped_[*layer] && node.type == GGML_TYPE_F32 && node.ne[3] == 1 &&
         ggml_is_contiguous(&node) && node.ne[0] <= positions_max;
}

void AttentionTap::fold(const ggml_tensor& node) {
  const auto count = static_cast<std::size_t>(ggml_nelements(&node));
  std::span<const float> weights(static_cast<const float*>(node.data), count);
  if (node.buffer == nullptr || !ggml_backend_buffer_is_host(node.buffer)) {
    copy_.resize(count);
    ggml_backend_tensor_get(&node, copy_.data(), 0, count * sizeof(float));
    weights = copy_;
  }
  const auto queries = static_cast<std::uint32_t>(node.ne[1]);
  sum_->add({.weights = weights,
             .layer = layer_of(node).value_or(0),
             .keys = static_cast<std::uint32_t>(node.ne[0]),
             .queries = queries,
             .heads = static_cast<std::uint32_t>(node.ne[2]),
             .query_end = queries});
}

}  // namespace fovea::llama
