// SPDX-License-Identifier: Apache-2.0

// Level: a byte-bounded, thread-safe map from Key to immutable bytes that knows what each entry saves.
//
// "A dictionary of visual tokens" in five lines:
//
//   fovea::Level tokens(fovea::LevelOptions{.bytes_max = 10ull << 30});
//   fovea::Result<fovea::Blob> embedding = tokens.get_or_compute(key, [&] { return encode(picture); });
//
// A hit copies nothing: it hands out a reference-counted Blob that stays valid however soon the entry is evicted, and even
// after the level is gone. One budget holds for the whole level, or for several (Budget); the 128 lock buckets inside are for
// locking only. Every entry carries its cost, the milliseconds of compute that a hit saves, and the policy decides by it who
// leaves. Every function may be called from any thread; a level must outlive its Pins and the calls it is in.
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
  std::uint64_t bytes_max = 0;  // 0 makes a level that stores nothing: every find is a miss, every insert a bypass
  PolicyKind policy = default_policy;  // whose entry leaves when it is full
  const Clock* clock = nullptr;        // for ages and times to live; null = the machine's; must outlive the level
};

// What a look-up found.
struct LevelHit {
  Blob value;      // the bytes that were stored, not a copy
  double cost_ms;  // compute that this hit saved
};

// What became of a value that was to be stored.
enum class Insertion : std::uint8_t {
  stored,    // it is in the level now, in place of any entry of the same key
  bypassed,  // not stored (LevelStats::bypasses_by says why); an entry of the same key is gone all the same
};

// What a level is told of an entry besides its value.
struct EntryTerms {
  double cost_ms = 0;         // compute that a hit saves; what is negative or not finite counts as 0
  float importance = 0.5F;    // [0, 1], from the model's attention; clamped
  double ttl_ms = 0;          // time to live; 0 = until it is evicted
  std::uint32_t tenant = 0;   // whose it is, for statistics and sweeps; the key must be the tenant's own already
  std::uint64_t content = 0;  // 64 bits of the key without the tenant, so that a miss can say other_tenant; 0 = unknown
  std::uint64_t extra_bytes = 0;  // charged besides the value: what the caller keeps about the entry elsewhere
};

// What for_each shows of an entry.
struct EntryView {
  const Key& key;        // valid during the call
  Blob value;            // may be kept
  double cost_ms;        // compute that a hit saves
  float importance;      // [0, 1], as the policy has it now
  std::uint64_t bytes;   // charged
  std::uint32_t hits;    // since it was stored
  double age_ms;         // since it was stored
  std::uint32_t tenant;  // as in EntryTerms
  bool pinned;           // whether a Pin keeps it
};

class Level;

// Keeps one entry in its level for as long as it lives: neither evicted nor expired. It counts in `bytes` all the while.
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
  // What an entry costs besides its value: its node, its key and its share of the tables. Counted, so that a level of many
  // small entries keeps its bound too.
  static constexpr std::uint64_t entry_overhead_bytes = 544;

  // A level with a budget of its own.
  explicit Level(const LevelOptions& options);
  explicit Level(std::uint64_t bytes_max) : Level(LevelOptions{.bytes_max = bytes_max}) {}
  // A level that shares `budget` with others: the policy weighs the entries of all of them against each other.
  explicit Level(std::shared_ptr<Budget> budget);
  ~Level();
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  // The value stored under `key`; nullopt on a miss. `content` as in EntryTerms.
  std::optional<LevelHit> find(const Key& key, std::uint64_t content = 0);

  // Whether an entry of `key` is there, without using it: order and counters stay as they are.
  bool contains(const Key& key) const;

  // Stores `value` (shared, not copied) under `key`, first evicting until it fits.
  Insertion insert(const Key& key, Blob value, const EntryTerms& terms);
  Insertion insert(const Key& key, Blob value, double cost_ms) {
    return insert(key, std::move(value), {.cost_ms = cost_ms});
  }

  // The value of `key`: found, or else made by `compute`, timed, and stored with the time as its cost (unless `terms` has
  // one). Callers of one key at the same time compute once; where that fails or is cancelled, its caller gets the fault and another
  // one computes. `compute` runs on the calling thread without locks and may use the level for other keys.
  // Faults: those of `compute`; cancelled when `stop` is requested while waiting for another's computation.
  Result<Blob> get_or_compute(const Key& key, const std::function<Result<Blob>()>& compute, EntryTerms terms = {},
                              std::stop_token stop = {});

  // Keeps `key`'s entry from leaving until the Pin goes; nullopt if there is none. erase and clear still remove it.
  std::optional<Pin> pin(const Key& key);

  // Tells the policy how important the entry of `key` turned out to be, [0, 1], clamped; false if there is none.
  bool set_importance(const Key& key, float importance);
  // Its importance now; nullopt if there is no entry.
  std::optional<float> importance(const Key& key) const;

  // Shows every entry that is there all the while, in no order; entries that come or go meanwhile may be missed. `visit` runs
  // under a lock of the level: it must be short and must not call the level.
  void for_each(const std::function<void(const EntryView&)>& visit) const;

  // Removes the entry of `key`; false if there was none.
  bool erase(const Key& key);
  // Removes every entry; values that were found stay valid.
  void clear();

  // Changes the budget (the shared one, where levels share); shrinking evicts at once. Pinned entries stay, and may keep `bytes`
  // above the new budget until they are released.
  void resize(std::uint64_t bytes_max);

  // What it has done since it was made, and what it holds now.
  LevelStats stats() const;

 private:
  friend class Pin;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
