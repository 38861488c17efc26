// Fleet: what `fovea simulate` simulates: nodes of some classes, the links between them, what they share, the
// balancer in front of them, the load, and what happens on the way.
//
// read_fleet() fills it from a JSON file and checks it; samples/fleets has bundled ones. Nodes and shards are
// numbered from 0, class after class in their order. Times of the fleet count from its first request. Plain
// values.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "fovea/policy_kind.h"
#include "profile/profile.h"
#include "profile/request_cost.h"
#include "workload/workload.h"

namespace fovea {

// One direction of a link. The other one has the same numbers, and traffic of its own.
struct FleetLink {
  double bytes_per_ms = 125'000;  // 1 Gbit/s
  double latency_ms = 0.1;
};

// Nodes that are alike.
struct NodeClass {
  std::string name;           // of a node: this, and its number in the class from 1
  std::string device;         // as the file names the profile
  ModelTimes times;           // of the profile
  std::uint32_t kernels = 0;  // nodes with the same number find each other's entries; others compute other bits
  std::uint32_t count = 1;
  std::uint32_t parallel = 1;       // answers decoded side by side; pictures are encoded one at a time
  std::uint32_t requests_max = 64;  // that are computed, or wait for it; others are refused
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;  // one budget for all levels
  PolicyKind policy = default_policy;
  std::uint64_t disk_bytes = 0;  // 0 = no disk
  TierTime disk;                 // of the profile, or what disks usually take
  FleetLink link;                // everything from and to a node goes over it
  // What `fovea profile` measured of the shared tier. Absent: until it was used, it is taken for any network.
  std::optional<TierTime> shared = std::nullopt;
  std::string rack;  // nodes of one rack fail together; empty = none
};

// Servers that all nodes share, as a Valkey Cluster: each has its part of the keys.
struct SharedTier {
  std::uint32_t shards = 1;
  std::uint64_t bytes_max = std::uint64_t{4} << 30;  // of each shard
  FleetLink link;                                    // of each shard
  double wait_ms = 0.05;                             // of the server itself, for each command
};

// How the balancer chooses a node.
enum class Routing : std::uint8_t {
  hash,          // consistent hashing of what the client names
  bounded_hash,  // the same, but a node that has more than `bound` times the mean gives requests away
  round_robin,   // in turn
};

// Whether a node asks its tiers, the disk and what is shared, for what is not in its memory.
enum class Fetching : std::uint8_t {
  measured,  // where it is likely to be faster than computing, by what was measured of each tier
  always,
  never,  // it computes, and writes nothing to them
};

// What each node is worth to the balancer.
enum class Weights : std::uint8_t {
  equal,
  speed,  // by the requests a second that its class can do (node_weights.h)
};

// What clients name, which the balancer hashes.
enum class NamedBy : std::uint8_t {
  picture,  // the header x-fovea-picture
  session,  // prompt_cache_key; of a request without a session, the picture
};

struct FleetLoad {
  Workload workload;  // its sizes and costs are not used: those of the nodes' profiles are
  std::uint64_t seed = 1;
  // Closed: so many clients, each of which sends its next request when it has its answer. Open: requests come
  // at this rate, whatever becomes of them. One of the two is 0.
  std::uint32_t clients = 16;
  double rate_per_s = 0;
  NamedBy named_by = NamedBy::picture;
  // On the wire.
  std::uint64_t request_bytes = 200'000;  // a picture, and the question
  std::uint64_t answer_bytes = 1'000;
};

enum class FleetEventKind : std::uint8_t {
  node_dies,      // its memory is lost; it comes back with its disk
  link_cut,       // nothing passes
  shard_lost,     // with all that it had; it comes back empty
  rack_restarts,  // as node_dies, for all nodes of a rack
  viral,          // a new picture is what `share` of all requests are about
  noisy_tenant,   // a tenant of its own sends `rate_per_s` requests more, about pictures of its own
};

struct FleetEvent {
  FleetEventKind kind = FleetEventKind::node_dies;
  double at_s = 0;
  double until_s = std::numeric_limits<double>::infinity();  // when it is over
  std::vector<std::uint32_t> nodes, shards;                  // whom it concerns
  double share = 0;                                          // viral
  double rate_per_s = 0;                                     // noisy_tenant
  std::uint32_t images = 0;  // noisy_tenant: so many pictures in turn; 0 = each request has a new one
};

struct Fleet {
  std::string name;
  std::string about;  // one sentence for tables
  std::vector<NodeClass> classes;
  std::optional<SharedTier> shared;
  Routing routing = Routing::hash;
  double bound = 1.5;  // bounded_hash
  Weights weights = Weights::equal;
  Fetching fetching = Fetching::measured;
  bool prefetch = false;
  LevelsOn levels = {.embedding = true, .prefix = true, .response = true};
  FleetLoad load;
  std::vector<FleetEvent> events;  // by time

  std::uint32_t nodes() const {
    std::uint32_t count = 0;
    for (const NodeClass& of : classes) count += of.count;
    return count;
  }
};

}  // namespace fovea
