// replay: what a policy would have saved on a trace, found by running the policy's own code.
//
// The caches are ExactCaches, and values are only sizes. The outcome is deterministic, except for its
// seconds. Thread-safe: each call has caches of its own, and only reads the trace.
#pragma once

#include "base/clock.h"
#include "base/progress.h"
#include "fovea/policy_kind.h"
#include "replay/budget_plan.h"
#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

// What `policy` saves on `trace` under `budgets`, each budget with a policy of its own. For cross-modal and
// value, which use it, CoherenceTable passes importance from responses to embeddings. REQUIRES: every key and
// related key of the trace is below trace.keys.
ReplayOutcome replay(const Trace& trace, PolicyKind policy, const BudgetPlan& budgets, const Progress& progress = {},
                     const Clock& clock = Clock::steady());

}  // namespace fovea
