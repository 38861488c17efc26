// Approach: a hit locks one of 128 buckets, relinks one list node and stamps it from a global counter. Inserting and evicting,
// which follow milliseconds to seconds of compute, additionally take one mutex for the whole level, so the byte budget is exact:
// space is made before the value goes in. The victim is the oldest of the buckets' oldest entries, found by scanning 128
// published stamps (about 100 ns), which is exact least-recently-used order across the level.
// Rejected: a budget for each bucket (1-20 MB entries thrash 1/128 of a budget) and one lock for all (hits would queue).
// Lock order: space mutex, then one bucket. Values are released outside the locks: freeing megabytes takes time.
#include "fovea/level.h"

#include <array>
#include <atomic>
#include <limits>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace fovea {

namespace {

constexpr std::size_t bucket_count = 128;
constexpr std::uint64_t no_stamp = std::numeric_limits<std::uint64_t>::max();

struct Entry {
  Key key;
  Blob value;
  double cost_ms;
  std::uint64_t stamp;  // when it was last used
};

std::uint64_t charge(const Blob& value) { return value.size() + Level::entry_overhead_bytes; }

// One lock's share of the entries, least recently used last.
struct alignas(64) Bucket {
  Mutex mutex;
  std::list<Entry> entries FOVEA_GUARDED_BY(mutex);
  std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> index FOVEA_GUARDED_BY(mutex);
  double saved_ms FOVEA_GUARDED_BY(mutex) = 0;
  std::uint64_t hits FOVEA_GUARDED_BY(mutex) = 0;
  std::uint64_t misses FOVEA_GUARDED_BY(mutex) = 0;
  std::atomic<std::uint64_t> oldest = no_stamp;  // entries.back().stamp, readable without the lock

  void publish_oldest() FOVEA_REQUIRES(mutex) {
    oldest.store(entries.empty() ? no_stamp : entries.back().stamp, std::memory_order_relaxed);
  }

  // Takes the entry out and returns its value, for release outside the lock.
  Blob take(std::list<Entry>::iterator entry) FOVEA_REQUIRES(mutex) {
    Blob value = std::move(entry->value);
    index.erase(entry->key);
    entries.erase(entry);
    publish_oldest();
    return value;
  }
};

}  // namespace

struct Level::State {
  explicit State(std::uint64_t budget) : bytes_max(budget) {}

  const std::uint64_t bytes_max;
  std::array<Bucket, bucket_count> buckets;
  std::atomic<std::uint64_t> next_stamp = 0;
  mutable Mutex space;
  // What the level holds; an atomic beside the mutex so that stats need not wait for an eviction.
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> entries = 0;
  std::atomic<std::uint64_t> insertions = 0;
  std::atomic<std::uint64_t> bypasses = 0;
  std::atomic<std::uint64_t> evictions = 0;

  // The high bits, since the hash tables use the low ones.
  Bucket& bucket_of(const Key& key) { return buckets[key.bits() >> 57]; }

  void account_removed(const Blob& value) {
    bytes -= charge(value);
    --entries;
  }

  // Removes `key`'s entry if there is one. The caller drops the value after leaving its locks.
  std::optional<Blob> remove(const Key& key) FOVEA_REQUIRES(space) {
    Bucket& bucket = bucket_of(key);
    MutexLock lock(bucket.mutex);
    const auto found = bucket.index.find(key);
    if (found == bucket.index.end()) return std::nullopt;
    Blob value = bucket.take(found->second);
    account_removed(value);
    return value;
  }

  // Removes the least recently used entry of the level. REQUIRES: the level is not empty.
  Blob evict_oldest() FOVEA_REQUIRES(space) {
    for (;;) {
      Bucket* oldest = &buckets[0];
      for (Bucket& bucket : buckets) {
        if (bucket.oldest.load(std::memory_order_relaxed) < oldest->oldest.load(std::memory_order_relaxed))
          oldest = &bucket;
      }
      MutexLock lock(oldest->mutex);
      if (oldest->entries.empty()) continue;  // a stale stamp; only this thread removes, so the next scan is right
      Blob value = oldest->take(std::prev(oldest->entries.end()));
      account_removed(value);
      ++evictions;
      return value;
    }
  }
};

Level::Level(std::uint64_t bytes_max) : state_(std::make_unique<State>(bytes_max)) {}
Level::~Level() = default;

std::optional<LevelHit> Level::find(const Key& key) {
  Bucket& bucket = state_->bucket_of(key);
  MutexLock lock(bucket.mutex);
  const auto found = bucket.index.find(key);
  if (found == bucket.index.end()) {
    ++bucket.misses;
    return std::nullopt;
  }
  Entry& entry = *found->second;
  bucket.entries.splice(bucket.entries.begin(), bucket.entries, found->second);
  entry.stamp = state_->next_stamp.fetch_add(1, std::memory_order_relaxed);
  bucket.publish_oldest();
  ++bucket.hits;
  bucket.saved_ms += entry.cost_ms;
  return LevelHit{entry.value, entry.cost_ms};
}

bool Level::contains(const Key& key) const {
  Bucket& bucket = state_->bucket_of(key);
  MutexLock lock(bucket.mutex);
  return bucket.index.contains(key);
}

Insertion Level::insert(const Key& key, Blob value, double cost_ms) {
  const std::uint64_t size = charge(value);
  if (size > state_->bytes_max) {
    ++state_->bypasses;
    return Insertion::bypassed;
  }
  std::vector<Blob> released;  // declared before the lock, so that it is destroyed after it
  MutexLock space(state_->space);
  if (auto replaced = state_->remove(key)) released.push_back(std::move(*replaced));
  while (state_->bytes + size > state_->bytes_max) released.push_back(state_->evict_oldest());

  Bucket& bucket = state_->bucket_of(key);
  MutexLock lock(bucket.mutex);
  const std::uint64_t stamp = state_->next_stamp.fetch_add(1, std::memory_order_relaxed);
  bucket.entries.push_front({key, std::move(value), cost_ms, stamp});
  bucket.index.emplace(key, bucket.entries.begin());
  bucket.publish_oldest();
  state_->bytes += size;
  ++state_->entries;
  ++state_->insertions;
  return Insertion::stored;
}

bool Level::erase(const Key& key) {
  std::optional<Blob> released;
  MutexLock space(state_->space);
  released = state_->remove(key);
  return released.has_value();
}

void Level::clear() {
  std::list<Entry> released;
  MutexLock space(state_->space);
  for (Bucket& bucket : state_->buckets) {
    MutexLock lock(bucket.mutex);
    for (const Entry& entry : bucket.entries) state_->account_removed(entry.value);
    released.splice(released.end(), bucket.entries);
    bucket.index.clear();
    bucket.publish_oldest();
  }
}

LevelStats Level::stats() const {
  LevelStats stats{.insertions = state_->insertions,
                   .bypasses = state_->bypasses,
                   .evictions = state_->evictions,
                   .entries = state_->entries,
                   .bytes = state_->bytes,
                   .bytes_max = state_->bytes_max};
  for (Bucket& bucket : state_->buckets) {
    MutexLock lock(bucket.mutex);
    stats.hits += bucket.hits;
    stats.misses += bucket.misses;
    stats.saved_ms += bucket.saved_ms;
  }
  return stats;
}

}  // namespace fovea
