// SPDX-License-Identifier: Apache-2.0

// Budget: one byte limit that several levels share, and the policy that chooses the eviction victim among
// them.
//
//   auto budget = fovea::Budget::make({.bytes_max = 12ull << 30});
//   fovea::Level embeddings(budget), responses(budget);
//
// Policies that know cost and size give the bytes to the level whose entries save most time per byte. The
// limit is exact: the levels together never hold more, not even for a moment. Only pinned entries may keep
// bytes above a limit that was lowered. Thread-safe. Each level keeps its budget alive.
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
  PolicyKind policy = default_policy;  // chooses the eviction victim
  const Clock* clock = nullptr;        // null = the machine's monotonic clock
};

class Budget {
 public:
  // A budget for levels to share. It lives as long as the last of them.
  static std::shared_ptr<Budget> make(const BudgetOptions& options);
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Changes the limit. A lower limit evicts at once.
  void resize(std::uint64_t bytes_max);
  std::uint64_t bytes() const;      // charged now, by all levels together
  std::uint64_t bytes_max() const;  // the limit as it was set last

 private:
  friend class Level;
  explicit Budget(const BudgetOptions& options);
  std::unique_ptr<BudgetCore> core_;
};

}  // namespace fovea
