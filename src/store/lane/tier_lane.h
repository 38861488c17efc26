// TierLane: one tier as the stores use it: what it is asked for and given, and what is made of its faults.
//
// A tier can only make things faster. So it is asked where a hit is likely to save more than it takes, for a
// bounded time; a breaker leaves it alone while it fails; values are written behind the answer, and only
// those that are worth their bytes. What fails is counted, and told once. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "store/lane/breaker.h"
#include "store/lane/kind_traffic.h"
#include "store/lane/pending_removals.h"
#include "store/lane/placement.h"
#include "store/lane/transfer_time.h"
#include "store/lane/write_behind.h"
#include "store/purge_listeners.h"
#include "store/removal.h"
#include "store/tier.h"

namespace fovea {

// What any disk of today does, until it was measured.
constexpr TransferTime::Guess disk_transfer{.wait_ms = 0.3, .bytes_per_ms = 400'000};

struct TierLaneOptions {
  TransferTime::Guess transfer = disk_transfer;
  KindTraffic::Averages expected{};  // what values cost and weigh, until some were seen; empty = unknown
  WriteBehindOptions write_behind;
  BreakerOptions breaker;
  const Clock* clock = nullptr;  // for breakers and what look-ups take; null = the machine's; outlives the lane
  // Told when the tier begins to fail, with the fault's sentence, and when it works again. On any thread.
  std::function<void(std::string_view sentence)> tell;
};

// What a lane did with one kind of record. What is read ahead of a request counts in hit_bytes and `failed`
// alone: no request has looked it up, and it has saved nothing yet.
struct TierUse {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t skipped = 0;  // look-ups: the tier is failing, or slower than what a hit would save
  std::uint64_t failed = 0;   // look-ups that ended with a fault, or too late
  std::uint64_t hit_bytes = 0;
  double hit_ms = 0;    // what hits took
  double saved_ms = 0;  // what the hits' values had cost
  std::uint64_t written = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t not_worth = 0;     // not written: computed again sooner than read back
  std::uint64_t write_failed = 0;  // or too large for the tier
  TierContent content;
};

struct TierStats {
  TierKind kind = TierKind::disk;
  BreakerState reading = BreakerState::closed;
  BreakerState writing = BreakerState::closed;
  std::uint64_t times_opened = 0;
  WriteBehindStats write_behind;
  std::array<std::uint64_t, record_faults> doubtful{};  // entries found and not believed, by RecordFault
  std::array<TierUse, record_kinds> use;                // in the order of all_record_kinds
  std::string last_fault;                               // the sentence of the last one; empty: none yet
  double last_fault_unix_ms = 0;
  std::uint64_t removals_pending = 0;  // that the tier has not taken yet; who ends now leaves them undone
};

class TierLane final : private WriteBehind::Writer {
 public:
  TierLane(std::unique_ptr<Tier> tier, TierLaneOptions options);
  // Writes nothing more: call flush() before.
  ~TierLane() override = default;

  TierKind kind() const { return tier_->kind(); }

  // The entries of `keys` for `scope`, in order; none where the tier fails.
  std::vector<std::optional<TierHit>> find_many(RecordKind kind, std::span<const Key> keys, const Key& scope,
                                                const WaitLimits& limits);
  // The entry of the last key of `keys` that has one for `scope`.
  std::optional<Tier::Last> find_last(RecordKind kind, std::span<const Key> keys, const Key& scope,
                                      const WaitLimits& limits);

  // How long it is likely to take to find so many entries; 0 before the size of such entries is known.
  double fetch_ms(RecordKind kind, std::size_t entries) const { return placement_.fetch_ms(kind, entries); }

  // As Store::LeaseAnswer.
  struct LeaseAnswer {
    std::optional<TierHit> hit;
    std::optional<std::chrono::milliseconds> wait;  // the lease ends by then
  };
  // Whether this process is to compute what is missing under `key`. It is where the tier fails or is not
  // shared, and where computing takes not much longer than asking.
  LeaseAnswer acquire_lease(RecordKind kind, const Key& key, const Key& scope);
  void release_lease(const Key& key);

  // Takes `entry` to be written, if it is worth it; whether it was taken.
  bool offer(RecordKind kind, TierEntry entry);

  // Where the tier fails, what is erased or purged is removed as soon as it works again; until then this lane
  // finds nothing of it.
  void erase(RecordKind kind, std::span<const Key> keys);
  void purge(const PurgeLabel& label) { purge(std::span(&label, 1)); }
  void purge(std::span<const PurgeLabel> labels);
  // Tries again what was not removed, unless the tier is left alone.
  void retry_removals() { remove_pending(); }
  bool has_removed_all() const { return pending_.now()->removals.empty(); }
  // Does not write what of `labels` still waits: another process has purged it.
  void withdraw(std::span<const PurgeLabel> labels);

  // Those who keep what was found here, and have to forget what other processes purge.
  PurgeListeners& listeners() { return listeners_; }
  // For what concerns the tier alone, and not what it holds.
  Tier& tier() { return *tier_; }

  // Waits until all that was taken is written, and tries once more what was not removed; false where not
  // all was written by `deadline`.
  bool flush(std::chrono::steady_clock::time_point deadline);
  // The same without the removals: until what was taken so far is written, or the tier has failed to.
  bool wait_until_written(std::chrono::steady_clock::time_point deadline) { return writes_.flush(deadline); }

  TierStats stats() const;

 private:
  struct Counts {
    std::atomic<std::uint64_t> hits = 0, misses = 0, skipped = 0, failed = 0, hit_bytes = 0, written = 0,
                               written_bytes = 0, not_worth = 0, write_failed = 0;
    std::atomic<double> hit_ms = 0, saved_ms = 0;
  };

  void write(RecordKind kind, const TierEntry& entry) override;
  void remove(RecordKind kind, const Key& key) override;

  // What is not to be believed, whatever the tier finds of it. In this order: what is removed behind its
  // write becomes pending before it is no longer being removed.
  struct Doubts {
    std::optional<WriteBehind::Removing> removing;
    std::shared_ptr<const PendingRemovals::Moment> pending;
  };

  bool asks(RecordKind kind, bool ahead = false);
  Doubts doubts() const { return {writes_.removing(), pending_.now()}; }
  std::optional<TierHit> find_again(RecordKind kind, const Key& key, const Key& scope);
  WaitLimits bounded(RecordKind kind, std::size_t values, const WaitLimits& limits) const;
  void failed(Breaker& breaker, const Error& error);
  void worked(Breaker& breaker);
  template <typename Change>
  bool change(const Change& change, bool always = false);
  void count_hit(RecordKind kind, const TierHit& hit, bool ahead = false);
  bool take(RecordKind kind, TierEntry entry);
  void remove_pending(bool always = false);
  void remove_or_wait(Removal removal);
  bool remove_from_tier(const Removal& removal, bool always = false);
  Counts& counts(RecordKind kind) { return counts_[static_cast<std::size_t>(kind) - 1]; }

  const std::unique_ptr<Tier> tier_;
  const TierLaneOptions options_;
  const Clock& clock_;
  Breaker reading_;
  Breaker writing_;
  Placement placement_;
  std::array<Counts, record_kinds> counts_;
  mutable Mutex fault_mutex_;
  std::string last_fault_ FOVEA_GUARDED_BY(fault_mutex_);
  double last_fault_unix_ms_ FOVEA_GUARDED_BY(fault_mutex_) = 0;
  PurgeListeners listeners_;
  PendingRemovals pending_;
  WriteBehind writes_;  // last: its thread uses the rest
};

// The tiers of a process, the nearest first.
using Tiers = std::vector<std::unique_ptr<TierLane>>;

// Those of all `tiers`; none where it is null.
std::vector<TierStats> stats_of(const Tiers* tiers);

}  // namespace fovea
