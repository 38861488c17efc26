// FaultyTier: a tier in memory that does what a test says: it fails, hangs, takes its time, loses entries and
// damages them.
//
// Besides that it is a tier as any other: entries lie there sealed, what is purged is not believed by its
// generation, and what cannot be believed is counted and removed. Thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/gate.h"
#include "store/manual_clock.h"
#include "store/purge_label.h"
#include "store/purge_log.h"
#include "store/sealed_entry.h"
#include "store/tier.h"

namespace fovea::test {

class FaultyTier final : public Tier {
 public:
  // `clock`, where there is one, passes while it looks up (takes_ms).
  explicit FaultyTier(TierKind kind = TierKind::disk, ManualClock* clock = nullptr) : kind_(kind), clock_(clock) {}

  TierKind kind() const override { return kind_; }
  Result<std::vector<std::optional<TierHit>>> find_many(RecordKind kind, std::span<const Key> keys,
                                                        const WaitLimits& limits) override;
  Result<std::optional<Last>> find_last(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) override;
  Result<void> insert(RecordKind kind, const TierEntry& entry) override;
  Result<void> erase(RecordKind kind, std::span<const Key> keys) override;
  void drop(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) override;
  Result<void> purge_labels(std::span<const PurgeLabel> labels) override;
  Result<KeyPage> keys(RecordKind kind, std::string_view from, const WaitLimits& limits) override;
  Result<bool> acquire_lease(const Key& key, std::chrono::milliseconds time) override;
  void release_lease(const Key& key) override;
  TierContent content(RecordKind kind) const override;
  std::array<std::uint64_t, record_faults> doubtful() const override;

  // The kinds of calls, which are counted and fail apart.
  enum class Call : std::uint8_t { find, insert, erase, purge, lease };
  static constexpr int always = std::numeric_limits<int>::max();

  // The next `times` of such calls fail, and do nothing.
  void fail(Call call, Fault fault, int times = always);
  // Look-ups wait: until their deadline, their stop, or work().
  void hang();
  // Nothing fails or hangs any more.
  void work();

  // Each look-up takes so long, by the clock that it was given.
  void takes_ms(double ms);

  // What it has under a key. Each is false where it has nothing there.
  bool holds(RecordKind kind, const Key& key) const;
  bool lose(RecordKind kind, const Key& key);
  bool flip(RecordKind kind, const Key& key, std::size_t bit);   // of head and record; counted round
  bool cut(RecordKind kind, const Key& key, std::size_t bytes);  // leaves so many of the record, at most
  bool give(RecordKind kind, const Key& key, RecordKind other_kind, const Key& other);  // the other's in its place

  // Another process has the lease of `key`, until it ends it.
  void lease_to_another(const Key& key);
  void end_lease_of_another(const Key& key);
  bool is_leased(const Key& key) const;

  // So many calls there were, those that failed included.
  int calls(Call call) const;
  // Of the last look-up.
  std::optional<std::chrono::steady_clock::time_point> deadline() const;

  // The log that it says it has; outlives it. Positions in another one's are remembered, unless purges fail.
  PurgeLog* log = nullptr;
  PurgeLog* purge_log() override { return log; }
  std::string purges_followed() const override;
  Result<void> note_purges_followed(std::string_view position) override;

  // Where calls can be held up. A look-up passes that of each of its keys with what it found in hand. An
  // insertion passes one before the entry is there, and one when it is; a purge one before anything is
  // purged.
  Gate& found(const Key& key);
  Gate before_insert, after_insert, before_purge;

 private:
  using Name = std::pair<RecordKind, Key>;
  struct Stored {
    std::vector<std::byte> head;
    Blob record;
  };
  struct Failure {
    Fault fault = Fault::unavailable;
    int times = 0;
  };

  Result<void> begin(Call call);
  Result<void> begin_find(const WaitLimits& limits);
  void pass(std::span<const Key> keys);
  std::optional<TierHit> open(RecordKind kind, const Key& key);
  Generations generations_of(const TierEntry& entry) const;

  const TierKind kind_;
  ManualClock* const clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<Name, Stored> stored_;
  std::map<Key, std::uint64_t> tenants_purged_;
  std::map<std::pair<Key, Key>, std::uint64_t> images_purged_;
  std::uint64_t all_purged_ = 0;
  std::string followed_;
  std::array<Failure, 5> failures_;
  std::array<int, 5> calls_{};
  std::array<std::uint64_t, record_faults> doubtful_{};
  std::map<Key, Gate> found_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::set<Key> leases_;
  std::set<Key> leases_of_another_;
  bool hangs_ = false;
  double takes_ms_ = 0;
};

}  // namespace fovea::test
