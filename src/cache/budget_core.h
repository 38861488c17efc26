// BudgetCore: the one account of bytes behind a budget, and the only place where entries come and go.
//
// Everything but a hit happens under its lock: storing, evicting, erasing, pinning, resizing. That makes the budget exact -
// room is made before a value goes in - and lets the policy be plain single-threaded code. Nothing slow happens under the
// lock: values are freed by the caller afterwards (DeferredFrees), and computing and copying happen before.
// Locks: the budget core's, then a bucket's stripes. A hit holds a stripe and only tries the budget core's lock after leaving it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "cache/access_log.h"
#include "cache/level_index.h"
#include "cache/policy.h"
#include "fovea/budget.h"

namespace fovea {

// What left while the lock was held. Declare it before the lock, so that the bytes are freed after it.
struct DeferredFrees {
  std::vector<std::shared_ptr<const HeldValue>> values;
};

class BudgetCore {
 public:
  explicit BudgetCore(const BudgetOptions& options);
  ~BudgetCore();

  std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  std::uint64_t bytes_max() const { return bytes_max_.load(std::memory_order_relaxed); }
  const Clock& clock() const { return clock_; }

  // The number of the next level under this budget.
  std::uint8_t register_level() { return next_level_++; }

  // Notes a hit; true when drain_soon() should be called after the stripe is released. REQUIRES: a stripe of the bucket is held.
  bool note_hit(std::size_t stripe, Entry& entry) { return log_.note(stripe, entry); }
  // Tells the policy of one stripe's hits, unless somebody else is at the budget core.
  void drain_soon(std::size_t stripe);

  Mutex mutex;

  // Puts `entry`, whose facts are set, on `index` in place of any entry of its key; or says why not.
  std::optional<BypassReason> store(LevelIndex& index, std::unique_ptr<Entry> entry, DeferredFrees& deferred)
      FOVEA_REQUIRES(mutex);

  // The entry of `key`, which may be used while the lock is held; null if there is none or its time is over.
  Entry* find(LevelIndex& index, const Key& key, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);

  void erase(Entry& entry, DeferredFrees& deferred) FOVEA_REQUIRES(mutex) {
    take_off(entry, Leaving::erased, deferred);
  }
  void set_importance(Entry& entry, float importance) FOVEA_REQUIRES(mutex);
  void pin(Entry& entry) FOVEA_REQUIRES(mutex);
  void unpin(Entry& entry, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  void resize(std::uint64_t bytes_max, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  // Removes what is past its time.
  void sweep(DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  // Tells the policy of every hit noted so far, and frees the entries that nobody names any more.
  void drain() FOVEA_REQUIRES(mutex);

 private:
  enum class Leaving : std::uint8_t { capacity, resized, expired, erased, replaced };

  std::optional<BypassReason> make_room(const Entry& entry, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  void shrink_to_budget(DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  void put_on(LevelIndex& index, Entry& entry) FOVEA_REQUIRES(mutex);
  void take_off(Entry& entry, Leaving why, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  void count_departure(const Entry& entry, Leaving why) FOVEA_REQUIRES(mutex);
  void tell_policy(Entry& entry) FOVEA_REQUIRES(mutex);
  void make_copies(Entry& entry) FOVEA_REQUIRES(mutex);

  const Clock& clock_;
  std::atomic<std::uint64_t> bytes_ = 0;  // changed under the lock only
  std::atomic<std::uint64_t> bytes_max_;
  std::atomic<std::uint8_t> next_level_ = 0;
  AccessLog log_;
  const std::unique_ptr<Policy> policy_ FOVEA_GUARDED_BY(mutex);
  std::uint64_t evictable_ FOVEA_GUARDED_BY(mutex) = 0;  // entries the policy holds
  std::size_t copied_ FOVEA_GUARDED_BY(mutex) = 0;       // entries with copies
  ExpiryQueue expiries_ FOVEA_GUARDED_BY(mutex);
  std::vector<std::unique_ptr<Entry>> graveyard_ FOVEA_GUARDED_BY(mutex);  // off the index, perhaps still in the log
};

}  // namespace fovea
