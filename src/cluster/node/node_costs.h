// NodeCosts: what the parts of a request take on the nodes of one class, and what their entries weigh, by the
// class's profile. Plain values; pure functions. Milliseconds.
#pragma once

#include <array>
#include <cstdint>

#include "cluster/fleet.h"
#include "cluster/node/entry.h"
#include "engine/modelled/modelled_times.h"
#include "store/lane/kind_traffic.h"

namespace fovea {

struct NodeCosts {
  // Beside the device.
  double hit_ms = 0;           // a request whose answer is there
  double around_ms = 0;        // what a request takes besides all parts, where its picture is new
  double known_around_ms = 0;  // where it is known
  double open_ms = 0;          // the picture's pixels
  double preprocess_ms = 0;
  // By the device.
  double hash_ms = 0;         // all tiles
  std::uint32_t encodes = 1;  // pieces of encoding a picture: its tiles, unless some are equal
  std::uint32_t alike = 1;    // tiles that have one key, 64 at most: policies are told of each as of a use
  double encode_ms = 0;       // each of them
  double prefill_ms = 0;      // the whole prompt
  double question_ms = 0;     // behind a stored prefix
  double state_in_ms = 0, state_out_ms = 0;
  std::uint32_t answer_tokens = 1;

  bool has_states = false;
  double load_ms = 0;    // of the model, when a node comes back
  ModelledTimes device;  // steps of several answers

  // What is stored about a picture, and of an answer: the kinds of this simulation.
  StoredEntry embedding(std::uint64_t picture) const;
  StoredEntry tiling(std::uint64_t picture) const;
  StoredEntry alias(std::uint64_t picture) const;  // which picture some bytes are: the same for all kernels
  StoredEntry prefix(std::uint64_t picture) const;
  StoredEntry response(std::uint64_t picture, std::uint32_t question) const;

  std::uint32_t kernels = 0;
  struct Weight {
    double cost_ms = 0;
    std::uint64_t bytes = 0, charged = 0;
  };
  std::array<Weight, record_kinds> weights{};  // by RecordKind, of those kinds
};

NodeCosts node_costs(const NodeClass& of);

}  // namespace fovea
