// SharedClient: a node's way to the shared tier: commands and values over both links, to the shard that has
// the key.
//
// Commands and their short answers take both latencies; values take their share of the links. A node that
// died gets nothing and gives nothing. Not thread-safe. Borrows what it is made with.
#pragma once

#include <cstdint>
#include <vector>

#include "cluster/network/network.h"
#include "cluster/network/timeline.h"
#include "cluster/node/simulated_tier.h"
#include "cluster/shared/shard.h"

namespace fovea {

// What all nodes have in common.
struct SharedFleet {
  std::vector<Shard> shards;
  double wait_ms = 0;  // of a server, for each command
  SharedTraffic traffic{};
};

class SharedClient final : public SimulatedTier {
 public:
  // Of the node number `node`, at the place of that number.
  SharedClient(Timeline& timeline, Network& network, SharedFleet& shared, std::uint32_t node)
      : timeline_(timeline), network_(network), shared_(shared), node_(node) {}

  TierKind kind() const override { return TierKind::shared; }
  Task<TierAnswer> find(StoredEntry entry, double limit_ms) override;
  Task<bool> insert(StoredEntry entry) override;
  Task<Lease> acquire_lease(std::uint64_t key, double time_ms) override;
  void release_lease(std::uint64_t key) override;

 private:
  Shard& shard_of(std::uint64_t key) { return shared_.shards[(key >> 16) % shared_.shards.size()]; }
  Task<bool> reaches(const Shard& shard, double limit_ms);
  Task<bool> asks(const Shard& shard, double limit_ms);

  Timeline& timeline_;
  Network& network_;
  SharedFleet& shared_;
  const std::uint32_t node_;
};

}  // namespace fovea
