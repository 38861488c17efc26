// TileProbe: reads what the vision encoder is about to be fed, and stops the encode there.
//
// libmtmd shows every node of its graph to a callback before computing it. When the first node takes the
// graph's image input ("inp_raw"), the preprocessed tile lies in memory: the probe hashes it and ends the
// computation. So a tile is named by exactly the numbers that the encoder would be fed, in a few milliseconds
// instead of an encode. A graph that is computed to its end is computed in parts, with a call of `yield`
// between them. Used by one thread at a time, as the mtmd context that it serves is. Borrows what it is given
// until the call returns.
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

// The same with the hash of all of an encode's inputs.
struct ObservedTile {
  Key key;
  TileInput input;  // the last; without values where they are not float32
};

class TileProbe {
 public:
  // Called between the parts of every encode's graph, if it is set. False ends the computation there.
  std::function<bool()> yield;

  // The callback and its user data, for mtmd_context_params.
  static bool on_node(ggml_tensor* node, bool ask, void* probe);

  // The hash of all image inputs of `encode`; nullopt when the graph has none (`encode` then ran to its end).
  // `encode` must call the encoder with this probe's callback; its output is discarded.
  std::optional<Key> observe(const std::function<void()>& encode);

  // The same, with the numbers that were hashed.
  std::optional<ObservedTile> observe_values(const std::function<void()>& encode);

  // The numbers of the (last) image input of `encode`; nullopt as above, or where they are not float32.
  std::optional<TileInput> read(const std::function<void()>& encode);

 private:
  bool wants(const ggml_tensor& node);
  bool yields_after(const ggml_tensor& node) const;

  // Runs `encode` with every image input shown to `visit`; false when there was none.
  bool watch(const std::function<void()>& encode, const std::function<void(const ggml_tensor&)>& visit);

  const std::function<void(const ggml_tensor&)>* visit_ = nullptr;  // set while watching
  bool found_ = false;
};

}  // namespace fovea::llama
