// ExactCache: a policy under a byte budget, on one thread and without values. It does what Level does,
// without Level's shortcuts for speed: the policy learns of every hit at once.
//
// Replay and the tests drive the real policies through it. Keys are dense numbers, so a look-up is an array
// access. Not thread-safe. Owns its policy.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cache/policy.h"

namespace fovea {

// The facts of a value that is about to be stored.
struct ItemFacts {
  std::uint64_t size = 0;
  double cost_ms = 0;
  float importance = 0.5F;
  std::uint8_t level = 0;
};

enum class Admission : std::uint8_t { stored, too_large, declined };

class ExactCache {
 public:
  // For keys 0 .. `keys` - 1. Owns `policy`.
  ExactCache(std::unique_ptr<Policy> policy, std::uint64_t bytes_max, std::uint32_t keys);

  bool contains(std::uint32_t key) const { return present_[key]; }
  // Whether `key` is cached. The policy is told of the hit.
  bool find(std::uint32_t key);
  // Stores `key`, evicting victims of the policy until it fits. Nothing is evicted for a value larger than
  // the budget.
  // REQUIRES: !contains(key).
  Admission insert(std::uint32_t key, const ItemFacts& facts);
  // Removes `key`; false if it is not cached.
  bool erase(std::uint32_t key);
  void set_importance(std::uint32_t key, float importance);  // no effect if it is not cached
  float importance(std::uint32_t key) const;                 // REQUIRES: contains(key)
  void resize(std::uint64_t bytes_max);

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t evictions() const { return evictions_; }

 private:
  bool make_room(const Item& incoming);
  void remove(Item& item, RemovalCause why);

  std::vector<Item> items_;  // one for each key; cached where `present_`
  std::vector<bool> present_;
  std::unique_ptr<Policy> policy_;  // declared after the items, so that it is destroyed before them
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace fovea
