// RecentMap: values by key, at most so many; a new one takes the place of the one that was used longest ago.
// Not thread-safe. Owns its values.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

#include "fovea/key.h"

namespace fovea {

template <typename Value>
class RecentMap {
 public:
  // REQUIRES: entries_max is above 0.
  explicit RecentMap(std::size_t entries_max) : entries_max_(entries_max) {}

  std::size_t size() const { return by_key_.size(); }

  // The value of `key`, which counts as used now; null where there is none. Valid until the next call that
  // adds or removes.
  Value* find(const Key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  // The same; where there is none, a new one.
  Value& find_or_add(const Key& key) {
    if (Value* value = find(key)) return *value;
    if (by_key_.size() == entries_max_) {
      by_key_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, Value());
    by_key_.emplace(key, entries_.begin());
    return entries_.front().second;
  }

  void erase(const Key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    entries_.erase(found->second);
    by_key_.erase(found);
  }

 private:
  using Entries = std::list<std::pair<Key, Value>>;

  const std::size_t entries_max_;
  Entries entries_;  // the one used last first
  std::unordered_map<Key, typename Entries::iterator, KeyHash> by_key_;
};

}  // namespace fovea
