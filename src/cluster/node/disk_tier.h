// DiskTier: a node's disk. `value` decides what of it is alive, as in the tier on RocksDB, which has part of
// the bytes for that and the rest for what is dead. Not thread-safe. Borrows the timeline.
#pragma once

#include <cstdint>

#include "cache/sparse_cache.h"
#include "cluster/network/timeline.h"
#include "cluster/node/simulated_tier.h"
#include "profile/profile.h"

namespace fovea {

class DiskTier final : public SimulatedTier {
 public:
  // Times of the disk; the bytes that it may take.
  DiskTier(Timeline& timeline, const TierTime& time, std::uint64_t bytes_max);

  TierKind kind() const override { return TierKind::disk; }
  Task<TierAnswer> find(StoredEntry entry, double limit_ms) override;
  Task<bool> insert(StoredEntry entry) override;

  std::uint64_t entries() const { return cache_.entries(); }

 private:
  Timeline& timeline_;
  const TierTime time_;
  SparseCache cache_;
};

}  // namespace fovea
