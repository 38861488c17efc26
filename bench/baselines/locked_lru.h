// LockedLru: the cache that most programs begin with, as a baseline: one mutex around a hash table and a list
// in order of use.
//
// It is written as well as that design allows. A hit copies a pointer and moves one list node. Nodes are
// made, and values freed, outside the lock. Values are Blobs, reference-counted as in a Level, so a hit is
// equally safe to keep. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "fovea/blob.h"
#include "fovea/key.h"

namespace fovea::bench {

class LockedLru {
 public:
  // Holds at most `bytes_max` of values. The memory of the tables is not counted.
  explicit LockedLru(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  std::optional<Blob> find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) return std::nullopt;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->value;
  }

  // False if `value` is larger than the whole cache.
  bool insert(const Key& key, Blob value) {
    const std::uint64_t size = value.size();
    if (size > bytes_max_) return false;
    Order incoming;
    incoming.push_back({key, std::move(value)});
    Order released;  // declared before the lock, so that it is freed after it
    const std::lock_guard lock(mutex_);
    if (const auto old = index_.find(key); old != index_.end()) release(old->second, released);
    while (bytes_ + size > bytes_max_) release(std::prev(order_.end()), released);
    order_.splice(order_.begin(), incoming);
    index_.emplace(key, order_.begin());
    bytes_ += size;
    return true;
  }

 private:
  struct Entry {
    Key key;
    Blob value;
  };
  using Order = std::list<Entry>;

  void release(Order::iterator entry, Order& released) {
    bytes_ -= entry->value.size();
    index_.erase(entry->key);
    released.splice(released.end(), order_, entry);
  }

  std::mutex mutex_;
  Order order_;  // the last used first
  std::unordered_map<Key, Order::iterator, KeyHash> index_;
  std::uint64_t bytes_ = 0;
  const std::uint64_t bytes_max_;
};

}  // namespace fovea::bench
