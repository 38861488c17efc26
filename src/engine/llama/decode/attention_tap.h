// AttentionTap: reads the decoder's soft-maxed attention while it computes, and folds it into an
// AttentionSum.
//
// libllama shows every node of its graph to a callback before computing it. Where flash attention is off, the
// nodes named "kq_soft_max-LAYER" are the attention of a layer, [keys, queries, heads]. A node that is asked
// for ends a piece of the graph, so that its numbers can be read before they are overwritten. Each such piece
// costs some microseconds, which is why only some layers are tapped. While nothing is watched, no node is
// asked for and the graph runs in one piece. Not thread-safe, as the context it serves is not. Borrows the
// sum.
#pragma once

#include <ggml.h>

#include <utility>
#include <vector>

#include "attention/attention_sum.h"

namespace fovea::llama {

class AttentionTap {
 public:
  // `tapped` says of each of the decoder's layers whether it is tapped.
  explicit AttentionTap(std::vector<bool> tapped) : tapped_(std::move(tapped)) {}

  // The callback and its user data, for llama_context_params.
  static bool on_node(ggml_tensor* node, bool ask, void* tap);

  // From here on every row of every batch is added to `sum`; null ends that.
  void watch(AttentionSum* sum) { sum_ = sum; }

 private:
  bool taps(const ggml_tensor& node) const;
  void fold(const ggml_tensor& node);

  std::vector<bool> tapped_;  // by layer
  AttentionSum* sum_ = nullptr;
  std::vector<float> copy_;  // of a tensor that lies on another device
};

// Lets `tap` add to `sum` for a scope; does nothing where either is null.
class AttentionWatch {
 public:
  AttentionWatch(AttentionTap* tap, AttentionSum* sum) : tap_(sum == nullptr ? nullptr : tap) {
    if (tap_ != nullptr) tap_->watch(sum);
  }
  ~AttentionWatch() {
    if (tap_ != nullptr) tap_->watch(nullptr);
  }
  AttentionWatch(const AttentionWatch&) = delete;
  AttentionWatch& operator=(const AttentionWatch&) = delete;

 private:
  AttentionTap* tap_;
};

}  // namespace fovea::llama
