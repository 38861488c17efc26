// Level: a byte-bounded, thread-safe map from Key to immutable bytes that forgets the least recently used first.
//
// One budget holds for the whole level; the 128 lock buckets inside are for locking only. A hit copies nothing: it
// hands out
// a reference-counted Blob that stays valid however soon the entry is evicted. Every entry carries its cost, the
// milliseconds of compute that a hit on it saves. Knows no model, no network and no disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "fovea/blob.h"
#include "fovea/key.h"

namespace fovea {

struct LevelHit {
  Blob value;
  double cost_ms;  // compute that this hit saved
};

enum class Insertion : std::uint8_t {
  stored,    // it is in the level now, in place of any entry of the same key
  bypassed,  // larger than the whole budget: nothing was stored and nothing was evicted for it
};

// Counters since the level was made (they never go down) and what it holds now.
struct LevelStats {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t insertions = 0;
  std::uint64_t bypasses = 0;
  std::uint64_t evictions = 0;
  double saved_ms = 0;  // sum of cost_ms over hits
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // values plus `entry_overhead_bytes` each; never above bytes_max
  std::uint64_t bytes_max = 0;
};

class Level {
 public:
  // What an entry costs besides its value: its node, its key and its share of the table. Counted, so that a level of
  // many
  // small entries keeps its bound too.
  static constexpr std::uint64_t entry_overhead_bytes = 192;

  // `bytes_max` 0 makes a level that stores nothing: every find is a miss, every insert a bypass.
  explicit Level(std::uint64_t bytes_max);
  ~Level();
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  // The value stored under `key`, made the most recently used; nullopt on a miss.
  std::optional<LevelHit> find(const Key& key);

  // Whether an entry of `key` is there, without using it: order and counters stay as they are.
  bool contains(const Key& key) const;

  // Stores `value` (shared, not copied) under `key`, first evicting the least recently used entries until it fits.
  Insertion insert(const Key& key, Blob value, double cost_ms);

  // Removes the entry of `key`; false if there was none.
  bool erase(const Key& key);
  void clear();

  LevelStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
