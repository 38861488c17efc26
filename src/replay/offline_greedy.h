// The offline greedy schedule: what can be saved by someone who knows the trace in advance and decides well, not
// perfectly.
//
// Belady's rule with cost and size, bypass allowed: to make room, the entry leaves (or does not come in) that saves
// least per byte and per look-up until it is used next; what is never used again is not kept. It is a schedule that a
// cache could follow, so the best one saves at least as much. It is not the optimum, and a policy may happen to do
// better: UpperBound says what no policy exceeds.
#pragma once

#include <cstdint>
#include <vector>

#include "base/progress.h"
#include "replay/budget_plan.h"
#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

// Per look-up: the index of the next one of the same key; no_next_use where there is none.
constexpr std::uint32_t no_next_use = UINT32_MAX;
std::vector<std::uint32_t> next_uses(const Trace& trace);

// `next` is next_uses(trace). REQUIRES: as replay().
ReplayOutcome offline_greedy(const Trace& trace, const std::vector<std::uint32_t>& next, const BudgetPlan& budgets,
                             const Progress& progress = {});

}  // namespace fovea
