// SPDX-License-Identifier: Apache-2.0

// Level: a byte-bounded, thread-safe map from Key to immutable bytes. It knows what each entry saves.
//
// A dictionary of visual tokens in two lines:
//
//   fovea::Level tokens(fovea::LevelOptions{.bytes_max = 10ull << 30});
//   fovea::Result<fovea::Blob> embedding = tokens.get_or_compute(key, [&] { return encode(picture); });
//
// A hit copies nothing. It returns a reference-counted Blob that stays valid after its entry is evicted, and
// even after the level is gone. One byte budget bounds the whole level, or several levels together (Budget).
// The 128 buckets inside divide the locks only, not the budget. Every entry carries its cost, the
// milliseconds of compute that a hit saves, and the policy uses it to choose the eviction victim. Every
// function may be called from any thread. A level must outlive its Pins and the calls on it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "fovea/blob.h"
#include "fovea/budget.h"
#include "fovea/key.h"
#include "fovea/level_stats.h"
#include "fovea/policy_kind.h"
#include "fovea/result.h"

namespace fovea {

// What a Level is made with.
struct LevelOptions {
  std::uint64_t bytes_max = 0;         // 0 = nothing is stored: every find misses, every insert is a bypass
  PolicyKind policy = default_policy;  // chooses the eviction victim when the level is full
  const Clock* clock = nullptr;        // for ages and times to live; null = the machine's; outlives the level
};

// What a look-up found.
struct LevelHit {
  Blob value;      // the bytes that were stored, not a copy
  double cost_ms;  // compute that this hit saved
};

// What insert did with a value.
enum class Insertion : std::uint8_t {
  stored,    // it is in the level now and has replaced any entry of the same key
  bypassed,  // not stored (LevelStats::bypasses_by counts why); an older entry of the key was removed
};

// What insert is told about an entry besides its value.
struct EntryTerms {
  double cost_ms = 0;             // compute that a hit saves; 0 where negative or not finite
  float importance = 0.5F;        // [0, 1], from the model's attention; clamped
  double ttl_ms = 0;              // time to live; 0 = until it is evicted
  std::uint32_t tenant = 0;       // the owner, for for_each; keys must differ by tenant anyway
  std::uint64_t content = 0;      // 64 bits of the key without the tenant, for other_tenant; 0 = unknown
  std::uint64_t extra_bytes = 0;  // charged too: what the caller keeps elsewhere for this entry
};

// One entry, as for_each shows it.
struct EntryView {
  const Key& key;        // valid during the call
  Blob value;            // stays valid after the call
  double cost_ms;        // compute that a hit saves
  float importance;      // [0, 1], as the policy knows it now
  std::uint64_t bytes;   // charged
  std::uint32_t hits;    // since it was stored
  double age_ms;         // since it was stored
  std::uint32_t tenant;  // as in EntryTerms
  bool pinned;           // whether a Pin keeps it
};

class Level;

// Pins one entry: while the Pin lives, the entry is neither evicted nor expired. Its bytes stay charged.
class Pin {
 public:
  Pin(Pin&& other) noexcept;
  Pin& operator=(Pin&& other) noexcept;
  ~Pin();

 private:
  friend class Level;
  Pin(Level& level, void* entry) : level_(&level), entry_(entry) {}
  void release();

  Level* level_;
  void* entry_;
};

class Level {
 public:
  // What an entry costs besides its value: its node, its key and its share of the tables. It is charged, so
  // that a level of many small entries stays within its budget too.
  static constexpr std::uint64_t entry_overhead_bytes = 544;

  // A level with a budget of its own.
  explicit Level(const LevelOptions& options);
  explicit Level(std::uint64_t bytes_max) : Level(LevelOptions{.bytes_max = bytes_max}) {}
  // A level that shares `budget` with others. The policy compares the entries of all of them.
  explicit Level(std::shared_ptr<Budget> budget);
  ~Level();
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  // The value stored under `key`; nullopt on a miss. `content` as in EntryTerms.
  std::optional<LevelHit> find(const Key& key, std::uint64_t content = 0);

  // Whether there is an entry of `key`. This is no use of the entry: the policy is not told and nothing is
  // counted.
  bool contains(const Key& key) const;

  // Evicts entries until `value` fits, then stores it under `key`. The value is shared, not copied.
  Insertion insert(const Key& key, Blob value, const EntryTerms& terms);
  Insertion insert(const Key& key, Blob value, double cost_ms) {
    return insert(key, std::move(value), {.cost_ms = cost_ms});
  }

  // The value of `key`. It is found, or else `compute` makes it, and it is stored with the time that took as
  // its cost (unless `terms` has a cost). Callers that want one key at the same time compute it once. Where
  // that fails or is cancelled, the caller that computed gets the fault, and another caller computes.
  // `compute` runs on the calling thread without locks and may use the level for other keys.
  // Faults: those of `compute`; cancelled when `stop` is requested while waiting for the computation of
  // another caller.
  Result<Blob> get_or_compute(const Key& key, const std::function<Result<Blob>()>& compute, EntryTerms terms = {},
                              std::stop_token stop = {});

  // Pins the entry of `key` until the Pin is destroyed; nullopt if there is none. erase and clear still
  // remove it.
  std::optional<Pin> pin(const Key& key);

  // Sets the importance of the entry of `key`, clamped to [0, 1], and tells the policy; false if there is
  // none.
  bool set_importance(const Key& key, float importance);
  // The importance of the entry of `key`; nullopt if there is none.
  std::optional<float> importance(const Key& key) const;

  // Calls `visit` for every entry, in no order. Entries that are stored or removed during the call may be
  // missed. `visit` runs under a lock of the level: it must be short and must not call the level.
  void for_each(const std::function<void(const EntryView&)>& visit) const;

  // Calls `told` with the key of each entry that is evicted from now on, for whichever EvictionReason. The
  // entry has gone by then. `told` runs under a lock of the level: it must be short, must not throw and must
  // not call the level.
  void on_eviction(std::function<void(const Key&)> told);

  // Removes the entry of `key`; false if there was none.
  bool erase(const Key& key);
  // Removes every entry. Values that were found stay valid.
  void clear();

  // Changes the budget, which may be a shared one. A smaller budget evicts at once. Pinned entries stay, and
  // may keep `bytes` above the new budget until they are released.
  void resize(std::uint64_t bytes_max);

  // Counters since the level was made, and what it holds now.
  LevelStats stats() const;

 private:
  friend class Pin;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
