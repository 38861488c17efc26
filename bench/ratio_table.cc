#include "ratio_table.h"

#include <algorithm>
#include <format>
#include <print>

namespace fovea::bench {

namespace {

double quantile(const std::vector<double>& sorted, double part) {
  const double at = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

void RatioTable::ReportRuns(const std::vector<Run>& runs) {
  std::vector<Run> shown;
  for (const Run& run : runs) {
    // One line per benchmark is enough: the median, or the only repetition.
    if (run.aggregate_name == "median" || run.repetitions <= 1 || run.skipped) shown.push_back(run);
    // Google Benchmark divides by the time of all threads together: its rate is that of one thread.
    const auto rate = run.counters.find("items_per_second");
    if (run.run_type == Run::RT_Iteration && !run.skipped && rate != run.counters.end()) {
      const std::string name = run.benchmark_name().substr(0, run.benchmark_name().find("/repeats:"));
      items_per_second_[name].push_back(rate->second * static_cast<double>(run.threads));
    }
  }
  ConsoleReporter::ReportRuns(shown);
}

std::optional<Rates> RatioTable::rates(const std::string& name) const {
  const auto found = items_per_second_.find(name);
  if (found == items_per_second_.end()) return std::nullopt;
  std::vector<double> sorted = found->second;
  std::ranges::sort(sorted);
  return Rates{quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)};
}

void RatioTable::print_time(const std::string& label, const std::string& name, double goal_ns) const {
  const auto measured = rates(name);
  if (!measured) return;
  const double ns = 1e9 / measured->median;
  const std::string goal =
      goal_ns == 0 ? "" : std::format("goal <= {:g} ns: {}", goal_ns, ns <= goal_ns ? "met" : "MISSED");
  std::println("{:<62} {:>9.1f} ns ({:.1f} .. {:.1f})  {}", label, ns, 1e9 / measured->upper_quartile,
               1e9 / measured->lower_quartile, goal);
}

void RatioTable::print_ratio(const Ratio& ratio) const {
  const auto ours = rates(ratio.name);
  const auto theirs = rates(ratio.than);
  if (!ours || !theirs) return;
  const double times = ours->median / theirs->median;
  const std::string goal =
      ratio.goal == 0 ? "" : std::format("goal >= {:g}x: {}", ratio.goal, times >= ratio.goal ? "met" : "MISSED");
  std::println("{:<62} {:>9.2f} x  ({:.2f} .. {:.2f})  {}", ratio.label, times,
               ours->lower_quartile / theirs->upper_quartile, ours->upper_quartile / theirs->lower_quartile, goal);
}

}  // namespace fovea::bench
