// Shard: one server of the shared tier: what it holds, and who computes what (leases).
//
// A lost shard refuses everybody, and comes back empty. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "cache/sparse_cache.h"
#include "cluster/network/flows.h"
#include "cluster/node/entry.h"

namespace fovea {

class Shard {
 public:
  // At `place` of the network.
  Shard(Place place, std::uint64_t bytes_max);

  Place place() const { return place_; }
  bool is_up() const { return cache_.has_value(); }
  void lose();
  void come_back();

  // REQUIRES of all: it is up.
  // The facts of what is there under `key`, which counts as used; null where there is nothing.
  const Item* find(std::uint64_t key);
  // Whether there is something, which does not count as used.
  bool contains(std::uint64_t key) const { return cache_->contains(key); }
  void insert(const StoredEntry& entry);
  // Whether `node` may compute what is missing under `key`, until `until_ms`.
  bool acquire_lease(std::uint64_t key, std::uint32_t node, double now_ms, double until_ms);
  void release_lease(std::uint64_t key, std::uint32_t node);

  std::uint64_t evictions() const { return evictions_ + (cache_ ? cache_->evictions() : 0); }
  std::uint64_t bytes() const { return cache_ ? cache_->bytes() : 0; }

 private:
  struct Lease {
    std::uint32_t node;
    double until_ms;
  };

  const Place place_;
  const std::uint64_t bytes_max_;
  std::optional<SparseCache> cache_;
  std::unordered_map<std::uint64_t, Lease> leases_;
  std::uint64_t evictions_ = 0;  // of the caches that were lost
};

}  // namespace fovea
