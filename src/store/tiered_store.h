// TieredStore: a store whose records lie in memory, and in the tiers behind it.
//
// What memory does not have is looked for in the tiers, the nearest first. What is found there is kept in
// memory and in the nearer tiers from then on. What is inserted goes to all of them: to memory at once, to
// the tiers behind the answer (tier_lane.h). Thread-safe. Does not own the tiers, which must outlive it.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/mutex.h"
#include "store/lane/tier_lane.h"
#include "store/memory_store.h"
#include "store/removal.h"

namespace fovea {

class TieredStore final : public Store, private PurgeListener {
 public:
  TieredStore(RecordKind kind, std::unique_ptr<MemoryStore> memory, const Tiers& tiers);
  ~TieredStore() override;

  std::optional<Record> find(const Key& key, const Key& scope, const WaitLimits& limits = {}) override;
  std::optional<Longest> find_longest(std::span<const Key> keys, std::optional<std::size_t> expected, const Key& scope,
                                      const WaitLimits& limits = {}) override;
  std::vector<std::optional<Record>> find_many(std::span<const Key> keys, const Key& scope,
                                               const WaitLimits& limits = {}) override;
  std::vector<std::uint64_t> prefetch(std::span<const Key> keys, const Key& scope,
                                      const WaitLimits& limits = {}) override;
  double fetch_ms(std::size_t records) const override;
  bool contains(const Key& key) const override { return memory_->contains(key); }
  // True where memory or a tier took it.
  bool insert(const Key& key, const Blob& record, const PurgeLabels& labels) override;
  LeaseAnswer acquire_lease(const Key& key, const Key& scope) override;
  void release_lease(const Key& key) override;
  std::optional<float> importance(const Key& key) const override { return memory_->importance(key); }
  // Reaches every tier. The result is how many went from memory: nobody counts what lies in tiers.
  std::size_t purge(const Key& tenant) override;
  std::size_t purge(const Key& tenant, const Key& image) override;
  // Those in memory.
  std::vector<Record> records_of(const Key& tenant, const Key& image) override {
    return memory_->records_of(tenant, image);
  }
  std::size_t erase(std::span<const Key> keys) override;
  LevelStats stats() const override { return memory_->stats(); }  // of memory

 private:
  void purged_elsewhere(std::span<const PurgeLabel> labels) override;
  std::vector<std::optional<Record>> find_in_tiers(std::span<const Key> keys, const Key& scope,
                                                   const WaitLimits& limits);
  Record promote(TierHit hit, std::size_t tier, std::uint64_t removed);
  void keep(const TierHit& hit, std::size_t tier) FOVEA_REQUIRES(mutex_);
  template <typename FromTier, typename FromMemory>
  std::size_t remove(Removal removal, const FromTier& from_tier, const FromMemory& from_memory);

  const RecordKind kind_;
  const std::unique_ptr<MemoryStore> memory_;
  const Tiers& tiers_;
  Mutex mutex_;                                           // held while a value is promoted
  std::list<Removal> removing_ FOVEA_GUARDED_BY(mutex_);  // that have begun and are not over
  std::atomic<std::uint64_t> removed_ = 0;                // removals that are over
};

}  // namespace fovea
