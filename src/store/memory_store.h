// MemoryStore: a store whose records lie in one Level, and nowhere else.
//
// Thread-safe. A hit is a hit of the level and a glance at the record's header. The index for purging is
// touched by insertions and purges alone; what it takes is charged to the level's budget with each entry.
// What comes and goes is told to PictureEvents, where those are given.
#pragma once

#include <atomic>
#include <memory>

#include "base/mutex.h"
#include "fovea/level.h"
#include "store/events/picture_events.h"
#include "store/purge_index.h"
#include "store/purge_label.h"
#include "store/store.h"

namespace fovea {

class MemoryStore final : public Store, private PictureSource {
 public:
  MemoryStore(RecordKind kind, const LevelOptions& options) : kind_(kind), level_(options) {}
  // Its level shares `budget` with others.
  MemoryStore(RecordKind kind, std::shared_ptr<Budget> budget) : kind_(kind), level_(std::move(budget)) {}

  std::optional<Record> find(const Key& key, const Key& scope, const WaitLimits& limits = {}) override;
  std::optional<Longest> find_longest(std::span<const Key> keys, std::optional<std::size_t> expected, const Key& scope,
                                      const WaitLimits& limits = {}) override;
  std::vector<std::optional<Record>> find_many(std::span<const Key> keys, const Key& scope,
                                               const WaitLimits& limits = {}) override;
  bool contains(const Key& key) const override { return level_.contains(key); }
  bool insert(const Key& key, const Blob& record, const PurgeLabels& labels) override;
  std::optional<float> importance(const Key& key) const override { return level_.importance(key); }
  std::size_t purge(const Key& tenant) override;
  std::size_t purge(const Key& tenant, const Key& image) override;
  std::size_t purge(const PurgeLabel& label);
  std::vector<Record> records_of(const Key& tenant, const Key& image) override;
  std::size_t erase(std::span<const Key> keys) override;
  LevelStats stats() const override { return level_.stats(); }

  // From now on its entries are told to `events`, which outlive it. REQUIRES: it is empty, and called once.
  void tell(PictureEvents& events);

  // For coherence, which tells levels what their entries are worth.
  Level& level() { return level_; }

 private:
  std::size_t erase_locked(std::span<const Key> keys) FOVEA_REQUIRES(mutex_);
  void drop_evicted() FOVEA_REQUIRES(mutex_);
  void tell_entries() override;
  bool told() const { return events_ != nullptr && events_->recording(); }

  const RecordKind kind_;
  Level level_;
  PictureEvents* events_ = nullptr;  // set once, before the store is used
  Mutex mutex_;
  PurgeIndex index_ FOVEA_GUARDED_BY(mutex_);
  std::size_t inserted_ FOVEA_GUARDED_BY(mutex_) = 0;  // since the index was last compared with the level
};

}  // namespace fovea
