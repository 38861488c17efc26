// Node: one server of the fleet: its memory and disk, its device, and the way of a request through it, as
// RequestRun goes it.
//
// A node that dies loses its memory, what it computes and what it was learning, and keeps its disk. What it
// had begun goes nowhere. Not thread-safe. Borrows what it is made with.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "cluster/coroutine/gate.h"
#include "cluster/coroutine/task.h"
#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"
#include "cluster/network/network.h"
#include "cluster/network/timeline.h"
#include "cluster/node/disk_tier.h"
#include "cluster/node/node_costs.h"
#include "cluster/node/node_life.h"
#include "cluster/shared/shared_client.h"

namespace fovea {

// An answer that a node has made.
struct Served {
  Way way = Way::encoded;
  bool from_memory = false;  // the answer, the state or the embeddings lay in its memory
};

// What the nodes of a fleet have in common.
struct NodeSurroundings {
  Timeline& timeline;
  Network& network;
  SharedFleet* shared;  // null = none
  LevelsOn levels;
  Fetching fetching = Fetching::measured;
  bool prefetch = false;
  std::unordered_set<std::uint64_t>& encoded;  // the keys of embeddings that somebody encoded
};

class Node {
 public:
  Node(std::uint32_t number, const NodeClass& of, const NodeCosts& costs, NodeSurroundings surroundings);

  std::uint32_t number() const { return number_; }
  bool is_up() const { return life_ != nullptr; }
  double load_ms() const { return costs_.load_ms; }
  void die();
  void come_back();

  // A request that a node has. Who waits for `done` finds an answer, or that there will be none.
  struct Attempt {
    explicit Attempt(Timeline& timeline) : done(timeline) {}
    Gate done;
    std::optional<Served> served;
    bool busy = false;    // refused: it computes as many requests as it may
    bool silent = false;  // given up, since the node's link has been cut for too long
  };
  // Begins to answer. REQUIRES: it is up.
  std::shared_ptr<Attempt> begin(const FleetRequest& request);
  // Gives up all requests that it has, as their sender sees it.
  void give_up();

  struct Counts {
    std::uint64_t requests = 0, encodes = 0, repeated_encodes = 0, joined = 0, leases_waited = 0, from_memory = 0;
    double encoding_ms = 0, decoding_ms = 0;
  };
  // With all its lives.
  Counts counts() const;
  void add_counts(RecordKind kind, LevelOutcomes& outcomes) const;
  std::uint64_t times_opened() const;
  void add_prefetch(PrefetchOutcome& outcome) const;
  const NodeStore* store() const { return life_ ? &life_->store : nullptr; }

 private:
  using Life = NodeLife;
  // An answer whose request still holds its slot.
  struct Answered {
    Served served;
    Stopwatch held;
  };
  // How the embeddings of a picture were come by.
  struct Embeddings {
    Way way = Way::encoded;
    bool known = false;  // the picture was not opened
  };

  Task<void> run(std::shared_ptr<Life> life, FleetRequest request, std::shared_ptr<Attempt> attempt);
  Task<std::optional<Served>> answer(Life& life, FleetRequest request, RequestLookups& lookups);
  Task<bool> open(Life& life, FleetRequest request);
  Task<Served> share(Life& life, FleetRequest request, bool opened, RequestLookups& lookups);
  Task<Answered> compute(Life& life, FleetRequest request, bool opened, RequestLookups& lookups);
  Task<Embeddings> embeddings(Life& life, FleetRequest request, bool opened, RequestLookups& lookups);
  Task<Embeddings> make_embeddings(Life& life, FleetRequest request, bool tiled);
  Task<bool> await_lease(Life& life, StoredEntry embedding, double wait_ms);
  Task<void> encode(Life& life, FleetRequest request);
  Task<void> decode(Life& life, FleetRequest request, bool from_prefix);
  Task<void> keep_prefix(Life& life, FleetRequest request, Stopwatch held);
  bool stores_prefixes() const { return around_.levels.prefix && costs_.has_states; }

  const std::uint32_t number_;
  const NodeClass& class_;
  const NodeCosts& costs_;
  const NodeSurroundings around_;
  std::optional<DiskTier> disk_;
  std::optional<SharedClient> shared_;
  std::vector<SimulatedTier*> tiers_;
  std::shared_ptr<Life> life_;                // null while it is down
  std::vector<std::shared_ptr<Life>> lives_;  // all of them: what was begun in one still waits somewhere
  std::map<std::uint64_t, std::shared_ptr<Attempt>> attempts_;  // that are open, by number
  Counts counts_;
};

}  // namespace fovea
