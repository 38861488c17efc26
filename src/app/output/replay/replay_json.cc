// glaze names the members of the document after those of the structs in namespace json.
#include "app/output/replay/replay_json.h"

#include "app/output/json_line.h"

namespace fovea::app {

namespace json {

struct Level {
  std::uint64_t lookups, hits;
};

struct Levels {
  Level embedding, prefix, response;
};

struct Ratios {
  double saved_ms, cost_hit_ratio, object_hit_ratio, byte_hit_ratio;
  std::uint64_t lookups, hits, evictions;
  Levels levels;
};

struct Policy {
  std::string policy;
  Ratios result;
  double requests_per_second;
};

struct Bound {
  double saved_ms, cost_hit_ratio;
};

struct Capacity {
  std::string capacity;
  std::uint64_t bytes;
  std::vector<std::uint64_t> budgets;
  std::vector<Policy> policies;
  Ratios offline_greedy;
  Bound upper_bound;
};

struct Replay {
  std::string trace;
  std::uint64_t requests, lookups, keys, working_set_bytes;
  double total_ms;
  Ratios compulsory_ceiling;
  std::vector<Capacity> capacities;
};

}  // namespace json

namespace {

json::Ratios ratios(const ReplayOutcome& outcome) {
  const auto level = [&](TraceLevel which) {
    const LevelOutcome& of_level = outcome.levels[static_cast<std::size_t>(which)];
    return json::Level{of_level.lookups, of_level.hits};
  };
  return {.saved_ms = outcome.saved_ms,
          .cost_hit_ratio = outcome.cost_hit_ratio(),
          .object_hit_ratio = outcome.object_hit_ratio(),
          .byte_hit_ratio = outcome.byte_hit_ratio(),
          .lookups = outcome.lookups,
          .hits = outcome.hits,
          .evictions = outcome.evictions,
          .levels = {level(TraceLevel::embedding), level(TraceLevel::prefix), level(TraceLevel::response)}};
}

json::Capacity capacity(const StudyAtBudget& at, double total_ms) {
  json::Capacity object{.capacity = at.budget.label,
                        .bytes = at.budget.plan.total_bytes(),
                        .budgets = at.budget.plan.bytes_max,
                        .policies = {},
                        .offline_greedy = ratios(at.offline_greedy),
                        .upper_bound = {at.upper_bound_ms, total_ms > 0 ? at.upper_bound_ms / total_ms : 0}};
  for (const StudyRow& row : at.rows) {
    object.policies.push_back(
        {std::string(to_string(row.policy)), ratios(row.outcome), row.outcome.requests_per_second()});
  }
  return object;
}

}  // namespace

std::string replay_json(const Study& study) {
  json::Replay object{.trace = study.trace,
                      .requests = study.requests,
                      .lookups = study.lookups,
                      .keys = study.keys,
                      .working_set_bytes = study.working_set_bytes,
                      .total_ms = study.ceiling.total_ms,
                      .compulsory_ceiling = ratios(study.ceiling),
                      .capacities = {}};
  for (const StudyAtBudget& at : study.budgets) object.capacities.push_back(capacity(at, study.ceiling.total_ms));
  return json_line(object);
}

}  // namespace fovea::app
