// TileProbe: reads what the vision encoder is about to be fed, and stops it there.
//
// libmtmd hands every node of its graph to a callback before computing it. The first node that reads the graph's image
// input ("inp_raw") is where the preprocessed tile lies in memory: the probe hashes it and ends the computation. This
// names a tile by exactly the numbers that the encoder would see, for a few milliseconds instead of an encode. A graph
// that is computed to its end is computed in parts, with a breath between them. Used by one thread at a time, as the
// mtmd context it serves is.
#pragma once

#include <ggml.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "fovea/key.h"

namespace fovea::llama {

// What the encoder is fed of a tile: values by channel, each row by row.
struct TileInput {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<float> values;
};

class TileProbe {
 public:
  // Called between the parts of every encode's graph, if there is one: false ends the computation there.
  std::function<bool()> yield;

  // The callback and its user data, for mtmd_context_params.
  static bool on_node(ggml_tensor* node, bool ask, void* probe);

  // The hash of every image input of `encode`, which must call the encoder with this probe's callback and whose output
  // is discarded; nullopt when the graph has no such input (then `encode` ran to its end).
  std::optional<Key> observe(const std::function<void()>& encode);

  // The numbers of the (last) image input of `encode`; nullopt as above, or where they are not float32.
  std::optional<TileInput> read(const std::function<void()>& encode);

 private:
  bool wants(const ggml_tensor& node);
  bool breathes_after(const ggml_tensor& node) const;

  // Runs `encode` with every image input shown to `visit`; false when there was none.
  bool watch(const std::function<void()>& encode, const std::function<void(const ggml_tensor&)>& visit);

  const std::function<void(const ggml_tensor&)>* visit_ = nullptr;  // set while watching
  bool found_ = false;
};

}  // namespace fovea::llama
