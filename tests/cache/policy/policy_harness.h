// PolicyHarness: drives a policy as the contract of Policy says that an owner does. It fails the test when
// the policy breaks its side of the contract.
//
// It keeps account with a plain set of keys and a sum of bytes. A broken contract throws, which ends the
// test. Owns the policy. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "cache/exact_cache.h"
#include "cache/policy.h"

namespace fovea {

using Random = std::mt19937_64;

// A number from `low` to `high`, both included.
std::uint64_t drawn(Random& random, std::uint64_t low, std::uint64_t high);

// `count` entries of 1 to 16 bytes, costing 1 to 8 ms, with importances in eighths: few enough values for
// many ties.
std::vector<ItemFacts> small_facts(Random& random, std::uint32_t count);

class PolicyHarness {
 public:
  PolicyHarness(std::unique_ptr<Policy> policy, std::uint64_t bytes_max, const std::vector<ItemFacts>& facts);

  // Whether `key` was cached. If not, it is stored, unless the policy declines or it is too large.
  bool request(std::uint32_t key);
  void erase(std::uint32_t key, RemovalCause why = RemovalCause::erased);
  void pin(std::uint32_t key);
  void unpin(std::uint32_t key);
  void set_importance(std::uint32_t key, float importance);
  void resize(std::uint64_t bytes_max);
  // Evicts until there is no victim, and returns the victims in order.
  std::vector<std::uint32_t> drain();

  const std::set<std::uint32_t>& present() const { return present_; }  // without the pinned
  const std::set<std::uint32_t>& pinned() const { return pinned_; }
  std::uint64_t bytes() const { return bytes_; }
  const std::vector<std::uint32_t>& evicted() const { return evicted_; }
  std::uint64_t declined() const { return declined_; }

  // Called with each victim before it is removed.
  std::function<void(std::uint32_t key)> on_victim;

 private:
  bool evict_one(const Item* incoming);
  void shrink();
  void store(Item& item);

  std::vector<Item> items_;
  std::unique_ptr<Policy> policy_;  // declared after the items, so that it is destroyed first
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::set<std::uint32_t> present_;
  std::set<std::uint32_t> pinned_;
  std::vector<std::uint32_t> evicted_;
  std::uint64_t declined_ = 0;
};

}  // namespace fovea
