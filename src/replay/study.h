// Study: several policies under several budgets on one trace, compared with what no policy can exceed. `fovea
// replay` prints it. Plain values; the function is thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "fovea/policy_kind.h"
#include "replay/budget_plan.h"
#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

struct StudyBudget {
  std::string label;  // as the user wrote it: "10%", "512MiB"
  BudgetPlan plan;
};

struct StudyRow {
  PolicyKind policy;
  ReplayOutcome outcome;
};

// The results under one budget.
struct StudyAtBudget {
  StudyBudget budget;
  std::vector<StudyRow> rows;    // in the order of the policies
  ReplayOutcome offline_greedy;  // what a cache that knows the future can save
  double upper_bound_ms = 0;     // the saved time that no policy can exceed
};

struct Study {
  std::string trace;
  std::uint64_t requests = 0;
  std::uint64_t lookups = 0;  // in the trace; a replay makes fewer
  std::uint32_t keys = 0;
  std::uint64_t working_set_bytes = 0;
  ReplayOutcome ceiling;  // of a cache without bounds
  std::vector<StudyAtBudget> budgets;
};

// One replay after another on the calling thread, so that their speeds are comparable. REQUIRES: as replay().
Study study(const Trace& trace, std::span<const PolicyKind> policies, std::span<const StudyBudget> budgets,
            const Progress& progress = {});

}  // namespace fovea
