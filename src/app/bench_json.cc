#include "app/bench_json.h"

#include <optional>
#include <vector>

#include "app/json_text.h"

namespace fovea::app {

namespace json {

struct BenchLatency {
  std::size_t answers;
  Estimate mean_ms;
  double p50_ms, p95_ms, p99_ms;
};

struct BenchedSubject {
  std::string name, about;
  BenchLatency cold;
  std::optional<Estimate> speedup, speedup_asked_again;
  double response_hits, prefix_hits, embedding_hits;  // shares: there, or not needed
};

struct BenchedScenario {
  std::string scenario, model, load, baseline;
  std::vector<std::uint64_t> seeds;
  std::vector<BenchedSubject> subjects;
};

}  // namespace json

std::string bench_json(const BenchPageInput& input) {
  std::vector<json::BenchedScenario> all;
  for (const BenchGroup& group : input.groups) {
    json::BenchedScenario scenario{group.name(), group.head().model, group.head().load, group.baseline(), {}, {}};
    for (const BenchRun* run : group.runs) scenario.seeds.push_back(run->head.seed);
    for (const BenchSubject& subject : group.head().subjects) {
      const auto ms = totals(group, subject.name, is_cold);
      if (ms.empty()) continue;
      const bool is_baseline = subject.name == group.baseline();
      scenario.subjects.push_back(
          {.name = subject.name,
           .about = subject.about,
           .cold = {ms.size(), mean_of(ms), percentile(ms, 0.5), percentile(ms, 0.95), percentile(ms, 0.99)},
           .speedup = is_baseline ? std::nullopt : speedup(group, subject.name, is_cold),
           .speedup_asked_again = is_baseline ? std::nullopt : speedup(group, subject.name, is_warm),
           .response_hits = hit_share(group, subject.name, "response", is_cold),
           .prefix_hits = hit_share(group, subject.name, "prefix", is_cold),
           .embedding_hits = hit_share(group, subject.name, "embedding", is_cold)});
    }
    all.push_back(std::move(scenario));
  }
  return json_text(all) + "\n";
}

}  // namespace fovea::app
