// replay_way: what levels and tiers would have saved on the requests of a log: each request goes its way
// through the real policies, and is charged what its parts take.
//
// Deterministic. Thread-safe: each call has a store of its own, and only reads the trace.
#pragma once

#include <array>
#include <cstdint>

#include "audit/costs/model_costs.h"
#include "audit/prompts/token_fit.h"
#include "audit/savings/layered_store.h"
#include "audit/savings/way_trace.h"
#include "base/progress.h"
#include "profile/request_cost.h"

namespace fovea {

struct WayOutcome {
  double total_ms = 0;                                              // of all requests
  double baseline_ms = 0;                                           // of all requests, computed whole
  double prompt_tokens = 0, picture_tokens = 0, answer_tokens = 0;  // of all requests
  double prompt_tokens_saved = 0, picture_tokens_saved = 0, answer_tokens_saved = 0;
  std::array<std::uint64_t, trace_levels> lookups{}, hits{};
  std::array<std::uint64_t, trace_levels> stored_bytes{};  // where nothing is evicted: what was ever stored
  std::uint64_t tier_hits = 0;
  std::uint64_t evictions = 0;
};

WayOutcome replay_way(const WayTrace& trace, const ModelCosts& costs, const TokenFit& fit, const LevelsOn& on,
                      const StorePlan& plan, const Progress& progress = {});

}  // namespace fovea
