// SPDX-License-Identifier: Apache-2.0

// Budget: one number of bytes for several levels, and the policy that decides whose entry leaves.
//
//   auto budget = fovea::Budget::make({.bytes_max = 12ull << 30});
//   fovea::Level embeddings(budget), responses(budget);
//
// Bytes move to the level whose entries save most time per byte, with the policies that know cost and size. The number is
// exact: the levels together never hold more, not even for a moment. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "fovea/policy_kind.h"

namespace fovea {

class Clock;
class BudgetCore;

// What a Budget is made with.
struct BudgetOptions {
  std::uint64_t bytes_max = 0;         // for all levels together; 0 = nothing is stored
  PolicyKind policy = default_policy;  // whose entry leaves
  const Clock* clock = nullptr;        // null = the machine's monotonic clock
};

class Budget {
 public:
  // A budget for levels to share; it lives as long as the last of them.
  static std::shared_ptr<Budget> make(const BudgetOptions& options);
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Changes the number while running; shrinking evicts at once.
  void resize(std::uint64_t bytes_max);
  std::uint64_t bytes() const;      // charged now, by all levels
  std::uint64_t bytes_max() const;  // as it was set last

 private:
  friend class Level;
  explicit Budget(const BudgetOptions& options);
  std::unique_ptr<BudgetCore> core_;
};

}  // namespace fovea
