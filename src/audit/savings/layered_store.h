// LayeredStore: memory of one or several nodes, each with a disk or without, and perhaps a tier that all
// share.
//
// A value is looked for in memory, then on the disk, then in the shared tier, and kept in the nearer ones
// from then on, as TieredStore does. A tier is asked, and given a value, only where fetching it takes less
// time than computing it, as the lanes of a store decide. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "audit/savings/entry_cache.h"
#include "fovea/policy_kind.h"
#include "profile/profile.h"

namespace fovea {

struct StorePlan {
  std::uint32_t nodes = 1;
  std::uint64_t memory_bytes = 0;  // of each node; 0 = without a bound
  std::uint64_t disk_bytes = 0;    // likewise; 0 = no disk
  bool shared = false;             // a tier without a bound
  PolicyKind policy = default_policy;
  TierTime disk, network;  // what the tiers take
};

class LayeredStore {
 public:
  LayeredStore(const StorePlan& plan, std::uint32_t keys);

  // How long fetching it takes, 0 from memory; nullopt where it is nowhere. `use_ms`: what it takes to use it
  // once it is in memory.
  std::optional<double> find(std::uint32_t node, std::uint32_t key, const ItemFacts& facts, double use_ms = 0);
  bool contains(std::uint32_t node, std::uint32_t key) const { return memories_[node]->contains(key); }
  void insert(std::uint32_t node, std::uint32_t key, const ItemFacts& facts, double use_ms = 0);

  std::uint64_t tier_hits() const { return tier_hits_; }
  std::uint64_t evictions() const;  // of memory
  // Of the first node, if its memory has no bound.
  const UnboundedEntries* everything() const { return everything_; }

 private:
  struct TierEntries {
    std::unique_ptr<EntryCache> entries;
    TierTime time;
  };

  static double fetch_ms(const TierEntries& tier, const ItemFacts& facts);
  std::vector<TierEntries*> tiers_of(std::uint32_t node);

  std::vector<std::unique_ptr<EntryCache>> memories_;
  std::vector<TierEntries> disks_;  // one a node, or none
  std::optional<TierEntries> shared_;
  const UnboundedEntries* everything_ = nullptr;
  std::uint64_t tier_hits_ = 0;
};

}  // namespace fovea
