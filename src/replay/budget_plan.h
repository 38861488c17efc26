// BudgetPlan: which levels share which budget of bytes. A plain value; pure functions; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fovea/level.h"
#include "fovea/result.h"
#include "trace/trace.h"

namespace fovea {

struct BudgetPlan {
  std::array<std::uint8_t, trace_levels> budget_of{};  // per level, an index into bytes_max
  std::vector<std::uint64_t> bytes_max;

  // One budget for all levels.
  static BudgetPlan shared(std::uint64_t bytes_max) { return {.budget_of = {}, .bytes_max = {bytes_max}}; }
  // A budget for each, in the order of TraceLevel.
  static BudgetPlan split(const std::array<std::uint64_t, trace_levels>& bytes_max) {
    return {.budget_of = {0, 1, 2}, .bytes_max = {bytes_max.begin(), bytes_max.end()}};
  }

  std::uint64_t total_bytes() const;
};

// What an entry of `lookup` is charged, as in a Level.
inline std::uint64_t charged_bytes(const Lookup& lookup) { return lookup.size + Level::entry_overhead_bytes; }

// The bytes that `text` names: "512MiB", or "10%" of `working_set_bytes`. Faults: invalid.
Result<std::uint64_t> parse_capacity(std::string_view text, std::uint64_t working_set_bytes);

// The budgets that `text` gives to levels: "embedding=10GiB,response=1GiB", each as in parse_capacity. A
// level that is not named has no budget and stores nothing. Faults: invalid.
Result<BudgetPlan> parse_split(std::string_view text, std::uint64_t working_set_bytes);

}  // namespace fovea
