// NodeLife: what a node has from its start to its death: memory, device, and what is being computed. Not
// thread-safe. It lives as long as anything waits in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>

#include "cluster/coroutine/gate.h"
#include "cluster/coroutine/task.h"
#include "cluster/fleet.h"
#include "cluster/network/timeline.h"
#include "cluster/node/node_costs.h"
#include "cluster/node/node_prefetch.h"
#include "cluster/node/node_store.h"
#include "cluster/node/simulated_device.h"

namespace fovea {

// What is being computed, by key: others wait for it.
class NodeFlights {
 public:
  explicit NodeFlights(Timeline& timeline) : timeline_(timeline) {}

  // Null where nobody computes it.
  std::shared_ptr<Gate> find(std::uint64_t key) const {
    const auto flight = flights_.find(key);
    return flight == flights_.end() ? nullptr : flight->second;
  }
  // REQUIRES: nobody does.
  void begin(std::uint64_t key) { flights_.emplace(key, std::make_shared<Gate>(timeline_)); }
  void end(std::uint64_t key) {
    const auto flight = flights_.extract(key);
    if (flight) flight.mapped()->open();
  }

 private:
  Timeline& timeline_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Gate>> flights_;
};

struct NodeLife {
  NodeLife(Timeline& timeline, const NodeClass& of, const NodeCosts& costs, Fetching fetching,
           std::span<SimulatedTier* const> tiers)
      : device(timeline, costs.device, of.parallel),
        store(timeline, of, fetching, tiers),
        answers(timeline),
        pictures(timeline) {}

  bool alive = true;
  SimulatedDevice device;
  NodeStore store;
  NodeFlights answers;                      // by the responses' keys
  NodeFlights pictures;                     // by the embeddings' keys
  double encoding_ms = 0, decoding_ms = 0;  // of the device when the life ended: what it still computes is nothing
  std::uint32_t computing = 0;              // requests that have a permit: no answer was there for them
  std::optional<NodePrefetch> prefetch;
};

}  // namespace fovea
