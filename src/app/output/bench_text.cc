#include "app/output/bench_text.h"

#include <format>

#include "report/number_text.h"

namespace fovea::app {

std::string bench_text(const BenchPageInput& input) {
  std::string text;
  for (const BenchGroup& group : input.groups) {
    text += std::format("{}: {}\n{}, {} seeds; compared with {}\n\n", group.name(),
                        group.head().scenario.workload.about, group.head().load, group.runs.size(), group.baseline());
    text += std::format("  {:<20} {:>8} {:>16} {:>9} {:>9} {:>24} {:>24}\n", "target", "answers", "mean ms", "p50",
                        "p95", "speed-up [95 %]", "second pass, speed-up");
    for (const BenchTarget& target : group.head().targets) {
      const auto ms = totals(group, target.name, is_cold);
      if (ms.empty()) continue;
      const bool is_baseline = target.name == group.baseline();
      text += std::format("  {:<20} {:>8} {:>16} {:>9} {:>9} {:>24} {:>24}\n", target.name, ms.size(),
                          mean_text(mean_of(ms)), number_text(percentile(ms, 0.5)), number_text(percentile(ms, 0.95)),
                          is_baseline ? "" : ratio_text(speedup(group, target.name, is_cold)),
                          is_baseline ? "" : ratio_text(speedup(group, target.name, is_warm)));
    }
    text += '\n';
  }
  return text;
}

}  // namespace fovea::app
