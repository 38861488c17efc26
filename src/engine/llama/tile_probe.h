// TileProbe: reads what the vision encoder is about to be fed, and stops it there.
//
// libmtmd hands every node of its graph to a callback before computing it. The first node that reads the graph's image
// input ("inp_raw") is where the preprocessed tile lies in memory: the probe hashes it and ends the computation. This
// names a tile by exactly the numbers that the encoder would see, for a few milliseconds instead of an encode. Used by
// one thread at a time, as the mtmd context it serves is.
#pragma once

#include <ggml.h>

#include <functional>
#include <optional>

#include "fovea/key.h"

namespace fovea::llama {

class TileProbe {
 public:
  // The callback and its user data, for mtmd_context_params.
  static bool on_node(ggml_tensor* node, bool ask, void* probe);

  // The hash of every image input of `encode`, which must call the encoder with this probe's callback and whose output
  // is discarded; nullopt when the graph has no such input (then `encode` ran to its end).
  std::optional<Key> observe(const std::function<void()>& encode);

 private:
  bool wants(const ggml_tensor& node);

  KeyBuilder* seen_ = nullptr;  // set while observing
  bool found_ = false;
};

}  // namespace fovea::llama
