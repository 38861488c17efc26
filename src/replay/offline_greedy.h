// The offline greedy schedule: what a cache saves that knows the trace in advance and decides well, but not
// perfectly.
//
// It is Belady's rule with cost and size, and with bypass. The victim is the entry (or the new value) that
// saves least per byte and per look-up until its next use. A value that is never used again is not stored. A
// cache could follow this schedule, so the best schedule saves at least as much. It is not the optimum, and a
// policy may do better by chance: UpperBound says what no policy can exceed. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/progress.h"
#include "replay/budget_plan.h"
#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

// For each look-up, the index of the next one of the same key; no_next_use where there is none.
constexpr std::uint32_t no_next_use = UINT32_MAX;
std::vector<std::uint32_t> next_uses(const Trace& trace);

// `next` is next_uses(trace). REQUIRES: as replay().
ReplayOutcome offline_greedy(const Trace& trace, const std::vector<std::uint32_t>& next, const BudgetPlan& budgets,
                             const Progress& progress = {});

}  // namespace fovea
