// BudgetCore: the one account of bytes behind a budget. Entries are stored, evicted and removed here and
// nowhere else.
//
// Everything but a hit happens under its lock: storing, evicting, erasing, pinning, resizing. So the budget
// is exact, since room is made before a value goes in, and the policy is plain single-threaded code. Nothing
// slow happens under the lock: the caller frees removed values after it (DeferredFrees), and computes and
// copies before it.
// Lock order: the budget core's lock, then the stripes of one bucket. A hit holds a stripe. It only tries the
// budget core's lock, and only after it has released the stripe. Owns every entry of its levels; the Budget
// owns it.
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

// Values removed while the lock was held. Declare it before the lock, so that the values are freed after the
// unlock.
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

  // Records a hit; true when drain_soon() should be called after the stripe is released. REQUIRES: the caller
  // holds a stripe of the entry's bucket.
  bool record_hit(std::size_t stripe, Entry& entry) { return log_.record(stripe, entry); }
  // Tells the policy of one stripe's hits, unless another thread holds the lock.
  void drain_soon(std::size_t stripe);

  Mutex mutex;

  // Adds `entry`, whose facts are set, to `index`, in place of any entry of its key. Otherwise says why it
  // was not stored.
  std::optional<BypassReason> store(LevelIndex& index, std::unique_ptr<Entry> entry, DeferredFrees& deferred)
      FOVEA_REQUIRES(mutex);

  // The entry of `key`, valid while the lock is held; null if there is none or it has expired.
  Entry* find(LevelIndex& index, const Key& key, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);

  void erase(Entry& entry, DeferredFrees& deferred) FOVEA_REQUIRES(mutex) { remove(entry, Removal::erased, deferred); }
  void set_importance(Entry& entry, float importance) FOVEA_REQUIRES(mutex);
  void pin(Entry& entry) FOVEA_REQUIRES(mutex);
  void unpin(Entry& entry, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  void resize(std::uint64_t bytes_max, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  // Removes the expired entries.
  void sweep(DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  // Tells the policy of every hit recorded so far, and frees the retired entries that no record can name any
  // more.
  void drain() FOVEA_REQUIRES(mutex);

 private:
  enum class Removal : std::uint8_t { capacity, resized, expired, erased, replaced };

  std::optional<BypassReason> make_room(const Entry& entry, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  void shrink_to_budget(DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  void add(LevelIndex& index, Entry& entry) FOVEA_REQUIRES(mutex);
  void remove(Entry& entry, Removal why, DeferredFrees& deferred) FOVEA_REQUIRES(mutex);
  void count_removal(const Entry& entry, Removal why) FOVEA_REQUIRES(mutex);
  void tell_policy(Entry& entry) FOVEA_REQUIRES(mutex);
  void make_copies(Entry& entry) FOVEA_REQUIRES(mutex);

  const Clock& clock_;
  std::atomic<std::uint64_t> bytes_ = 0;  // changed under the lock only
  std::atomic<std::uint64_t> bytes_max_;
  std::atomic<std::uint8_t> next_level_ = 0;
  AccessLog log_;
  const std::unique_ptr<Policy> policy_ FOVEA_GUARDED_BY(mutex);
  std::uint64_t evictable_ FOVEA_GUARDED_BY(mutex) = 0;  // entries that the policy holds
  std::size_t copied_ FOVEA_GUARDED_BY(mutex) = 0;       // entries with copies
  ExpiryQueue expiries_ FOVEA_GUARDED_BY(mutex);
  std::vector<std::unique_ptr<Entry>> retired_ FOVEA_GUARDED_BY(mutex);  // removed, perhaps still in the log
};

}  // namespace fovea
