// replay: what a policy would have saved on a trace, found by running the policy's own code over it.
//
// The caches are ExactCaches, the values are only sizes. Deterministic but for the time it takes. Not thread-safe: one
// call at a time uses a trace's caches, but calls for the same trace may run beside each other.
#pragma once

#include "base/clock.h"
#include "base/progress.h"
#include "fovea/policy_kind.h"
#include "replay/budget_plan.h"
#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

// What `policy` saves on `trace` under `budgets`, each budget with a policy of its own. cross-modal and value, which
// use it, are told of coherence between responses and embeddings (CoherenceTable).
// REQUIRES: every key and related key of the trace is below trace.keys.
ReplayOutcome replay(const Trace& trace, PolicyKind policy, const BudgetPlan& budgets, const Progress& progress = {},
                     const Clock& clock = Clock::steady());

}  // namespace fovea
