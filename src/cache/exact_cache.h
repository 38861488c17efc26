// ExactCache: a policy under a byte budget, on one thread and without values: what Level does, with nothing left out for speed.
//
// Replay, the simulator and the tests drive the real policies through it. Keys are dense numbers, so a look-up is an array
// access. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cache/policy.h"

namespace fovea {

// What is known of a value that is about to be stored.
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
  // Whether `key` is in; the policy is told of the hit.
  bool find(std::uint32_t key);
  // Stores `key`, which is not in, evicting as the policy says. Nothing is evicted for a value larger than the budget.
  Admission insert(std::uint32_t key, const ItemFacts& facts);
  // Removes `key`; false if it is not in.
  bool erase(std::uint32_t key);
  void set_importance(std::uint32_t key, float importance);  // nothing if it is not in
  float importance(std::uint32_t key) const;                 // REQUIRES: contains(key)
  void resize(std::uint64_t bytes_max);

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t evictions() const { return evictions_; }

 private:
  bool make_room(const Item& incoming);
  void take_out(Item& item, Departure why);

  std::vector<Item> items_;  // one a key; in the cache where `present_`
  std::vector<bool> present_;
  std::unique_ptr<Policy> policy_;  // after the items: it goes before them, and lets go of them
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t entries_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace fovea
