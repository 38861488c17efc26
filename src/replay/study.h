// Study: several policies under several budgets on one trace, beside what nobody can exceed. What `fovea replay`
// prints.
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
  std::string label;  // as it was asked for: "10%", "512MiB"
  BudgetPlan plan;
};

struct StudyRow {
  PolicyKind policy;
  ReplayOutcome outcome;
};

// What there is to save under one budget.
struct StudyAtBudget {
  StudyBudget budget;
  std::vector<StudyRow> rows;    // in the order of the policies
  ReplayOutcome offline_greedy;  // by someone who knows the future: achievable
  double upper_bound_ms = 0;     // by anyone: saved time at most
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
