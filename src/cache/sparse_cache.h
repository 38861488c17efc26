// SparseCache: ExactCache for keys that are many and of which each cache has few, as the caches of a
// simulated fleet.
//
// The policy learns of everything at once, and there is no value and no thread. A key is 64 uniform bits (a
// hash), which policies see as the item's id. Not thread-safe. Owns its policy.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "cache/exact_cache.h"
#include "cache/policy.h"

namespace fovea {

class SparseCache {
 public:
  // Told of each victim of the policy, when it is gone. It must not use the cache.
  using Evicted = std::function<void(std::uint64_t key)>;

  // Owns `policy`.
  SparseCache(std::unique_ptr<Policy> policy, std::uint64_t bytes_max, Evicted evicted = {});

  bool contains(std::uint64_t key) const { return items_.contains(key); }
  // The facts of what is cached under `key`, or null. The policy is told nothing. Until the next change.
  const Item* peek(std::uint64_t key) const {
    const auto found = items_.find(key);
    return found == items_.end() ? nullptr : &found->second;
  }
  // Whether `key` is cached. The policy is told of the hit.
  bool find(std::uint64_t key);
  // Stores `key`, evicting victims of the policy until it fits. Nothing is evicted for a value larger than
  // the budget.
  // REQUIRES: !contains(key).
  Admission insert(std::uint64_t key, const ItemFacts& facts);
  // Removes `key`; false if it is not cached.
  bool erase(std::uint64_t key);

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t entries() const { return items_.size(); }
  std::uint64_t evictions() const { return evictions_; }

 private:
  bool make_room(const Item& incoming);
  void remove(std::uint64_t key, RemovalCause why);

  std::unordered_map<std::uint64_t, Item> items_;  // policies keep pointers to items, which do not move
  std::unique_ptr<Policy> policy_;                 // declared after the items, so that it is destroyed before them
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t evictions_ = 0;
  Evicted evicted_;
};

}  // namespace fovea
