// expect_same_evictions: checks that a policy evicts exactly what a published algorithm, written plainly,
// evicts.
#pragma once

#include <cstdint>
#include <memory>

#include "cache/exact_cache.h"
#include "fovea/policy_kind.h"

namespace fovea {

// An algorithm as its paper has it, slow and obviously right. It chooses its own victims and copies the facts
// it needs.
class PlainAlgorithm {
 public:
  virtual ~PlainAlgorithm() = default;
  virtual void resize(std::uint64_t bytes_max) { (void)bytes_max; }
  virtual void insert(std::uint32_t key, const ItemFacts& facts) = 0;
  virtual void hit(std::uint32_t key) = 0;
  virtual void erase(std::uint32_t key) = 0;
  virtual void set_importance(std::uint32_t key, float importance) { (void)key, (void)importance; }
  // Removes the eviction victim and returns its key.
  virtual std::uint32_t evict() = 0;
};

// Runs `kind` and `plain` on the same random operations of one seed, and expects the same victims in the same
// order.
void expect_same_evictions(PolicyKind kind, PlainAlgorithm& plain, std::uint64_t seed);

template <typename Plain>
void expect_same_evictions(PolicyKind kind) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Plain plain;
    expect_same_evictions(kind, plain, seed);
  }
}

}  // namespace fovea
