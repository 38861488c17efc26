// Runs of a bench whose every number is known.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/result_group.h"

namespace fovea::app {

// Without a cache four requests take 100 ms each, and with all levels 100, 50, 25 and 25 ms. Repeated, the
// latter take 1 ms.
inline std::vector<BenchRun> known_runs() {
  BenchRun run;
  run.head.scenario.workload.name = "paper";
  run.head.scenario.workload.about = "A load.";
  run.head.seed = 42;
  run.head.load = "one after another, in turns";
  run.head.model = "tiny";
  run.head.targets = {{"none", "no cache", 1}, {"all", "three levels", 1}, {"idle", "was never asked", 1}};
  const auto add = [&](std::uint32_t request, const char* target, std::uint32_t pass, double ms,
                       const std::string& level) {
    const std::map<std::string, double> stages = {{"encode", ms / 2}, {"prefill", ms / 4}, {"generate", ms / 4}};
    run.records.push_back({.request = request,
                           .target = target,
                           .kind = "fresh",
                           .pass = pass,
                           .pictures = 1,
                           .total_ms = ms,
                           .levels = {{"response", level}, {"prefix", "miss"}, {"embedding", level}},
                           .stages = level == "hit" ? std::map<std::string, double>() : stages,
                           .answer = "x"});
  };
  const double cached[] = {100, 50, 25, 25};
  for (std::uint32_t i = 0; i < 4; ++i) {
    for (std::uint32_t pass = 1; pass <= 2; ++pass) {
      add(i, "none", pass, 100, "bypass");
      add(i, "all", pass, pass == 1 ? cached[i] : 1, i > 1 || pass == 2 ? "hit" : "miss");
    }
  }
  run.tail.holdings = {{"all", {{"response", 4, 4000}, {"embedding", 2, 1'000'000}}}};
  return {run};
}

}  // namespace fovea::app
