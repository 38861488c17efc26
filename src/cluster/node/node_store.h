// NodeStore: what a node has in memory, and the tiers behind it: TieredStore on the virtual clock, for all
// levels together.
//
// What memory does not have is looked for in the tiers, the nearest first, and kept in memory and in the
// nearer ones from then on. What is inserted goes to all of them. Not thread-safe. Borrows the timeline and
// the tiers. It lives as long as anything waits in it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>

#include "cache/sparse_cache.h"
#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"
#include "cluster/network/timeline.h"
#include "cluster/node/node_lane.h"

namespace fovea {

class NodeStore {
 public:
  // `tiers`, the nearest first; none are asked where `fetching` is never. `evicted` is told of what memory
  // evicts of the levels' budget.
  NodeStore(Timeline& timeline, const NodeClass& of, Fetching fetching, std::span<SimulatedTier* const> tiers,
            SparseCache::Evicted evicted = {});

  // Where the entry was found; nullopt = nowhere. In memory it counts as used so many times.
  Task<std::optional<TierKind>> find(StoredEntry entry, std::uint32_t uses = 1);
  // It was used without being looked for, if memory has it.
  void used(const StoredEntry& entry, std::uint32_t uses);
  // From a tier to memory, ahead of a request; nullopt where memory has it or no tier does.
  Task<std::optional<TierKind>> fetch_missing(StoredEntry entry);
  // How long an entry of `kind` is likely to take to come from the nearest tier; 0 where there is none.
  double fetch_ms(RecordKind kind) const { return lanes_.empty() ? 0 : lanes_.front().fetch_ms(kind); }
  // How often memory's policy was told that it was used since it is there; 0 where it is not.
  std::uint32_t uses_of(const StoredEntry& entry) const {
    const Item* item = memory_of(entry.kind).peek(entry.key);
    return item == nullptr ? 0 : item->hits;
  }
  bool contains(const StoredEntry& entry) const { return memory_of(entry.kind).contains(entry.key); }
  void insert(const StoredEntry& entry);

  struct LeaseAnswer {
    std::optional<TierKind> found;  // another node has made it meanwhile
    std::optional<double> wait_ms;  // another node makes it now
  };
  Task<LeaseAnswer> acquire_lease(StoredEntry entry);

  // The node died.
  void stop();

  // Adds what it did with `kind` so far.
  void add_counts(RecordKind kind, LevelOutcomes& outcomes) const;
  std::uint64_t times_opened() const;
  bool has_tiers() const { return !lanes_.empty(); }
  std::uint64_t memory_bytes() const { return memory_.bytes(); }
  // Entries that are in memory now, and evictions since it was made.
  struct Turnover {
    std::uint64_t entries, evictions;
  };
  Turnover turnover() const { return {memory_.entries(), memory_.evictions()}; }

 private:
  const SparseCache& memory_of(RecordKind kind) const {
    return kind == RecordKind::tiling ? tilings_ : kind == RecordKind::source_alias ? aliases_ : memory_;
  }
  SparseCache& memory_of(RecordKind kind) {
    return kind == RecordKind::tiling ? tilings_ : kind == RecordKind::source_alias ? aliases_ : memory_;
  }
  Task<std::optional<TierKind>> fetch(StoredEntry entry);
  void keep(const StoredEntry& entry);

  SparseCache memory_;
  SparseCache tilings_, aliases_;
  std::deque<NodeLane> lanes_;
  std::array<LookUps, record_kinds> counts_{};  // of memory
  bool stopped_ = false;
};

}  // namespace fovea
