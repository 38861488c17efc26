#include "app/output/bench_json.h"

#include <optional>
#include <vector>

#include "app/output/json_line.h"

namespace fovea::app {

namespace json {

struct BenchLatency {
  std::size_t answers;
  Estimate mean_ms;
  double p50_ms, p95_ms, p99_ms;
};

struct BenchedTarget {
  std::string name, about;
  BenchLatency cold;
  std::optional<Estimate> speedup, speedup_asked_again;
  double response_hits, prefix_hits, embedding_hits;  // shares of requests: hit, or not needed
};

struct BenchedScenario {
  std::string scenario, model, load, baseline;
  std::vector<std::uint64_t> seeds;
  std::vector<BenchedTarget> targets;
};

}  // namespace json

std::string bench_json(const BenchPageInput& input) {
  std::vector<json::BenchedScenario> all;
  for (const BenchGroup& group : input.groups) {
    json::BenchedScenario scenario{group.name(), group.head().model, group.head().load, group.baseline(), {}, {}};
    for (const BenchRun* run : group.runs) scenario.seeds.push_back(run->head.seed);
    for (const BenchTarget& target : group.head().targets) {
      const auto ms = totals(group, target.name, is_cold);
      if (ms.empty()) continue;
      const bool is_baseline = target.name == group.baseline();
      scenario.targets.push_back(
          {.name = target.name,
           .about = target.about,
           .cold = {ms.size(), mean_of(ms), percentile(ms, 0.5), percentile(ms, 0.95), percentile(ms, 0.99)},
           .speedup = is_baseline ? std::nullopt : speedup(group, target.name, is_cold),
           .speedup_asked_again = is_baseline ? std::nullopt : speedup(group, target.name, is_warm),
           .response_hits = hit_share(group, target.name, "response", is_cold),
           .prefix_hits = hit_share(group, target.name, "prefix", is_cold),
           .embedding_hits = hit_share(group, target.name, "embedding", is_cold)});
    }
    all.push_back(std::move(scenario));
  }
  return json_text(all) + "\n";
}

}  // namespace fovea::app
