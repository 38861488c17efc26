// RatioTable: the comparison of a benchmark's numbers. Google Benchmark prints them one by one; this keeps
// them, and prints ratios of those that should be compared, all of the same run. Not thread-safe.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fovea::bench {

// The operations a second of one benchmark, of all its threads together: quartiles of its repetitions.
struct Rates {
  double lower_quartile, median, upper_quartile;
};

// One line of the table: how many times faster `name` is than `than`, and the goal.
struct Ratio {
  std::string label;
  std::string name, than;  // as Google Benchmark prints them
  double goal = 0;         // 0 where there is none
};

class RatioTable final : public benchmark::ConsoleReporter {
 public:
  RatioTable() : ConsoleReporter(OO_None) {}

  void ReportRuns(const std::vector<Run>& runs) override;

  // Prints the median nanoseconds an operation with the quartiles; nothing for a benchmark that did not run.
  void print_time(const std::string& label, const std::string& name, double goal_ns = 0) const;
  // Prints the ratio of the medians. The spread divides the slower quartile of each by the faster one of the
  // other.
  void print_ratio(const Ratio& ratio) const;

 private:
  std::optional<Rates> rates(const std::string& name) const;

  std::map<std::string, std::vector<double>> items_per_second_;
};

}  // namespace fovea::bench
