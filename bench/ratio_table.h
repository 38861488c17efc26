// RatioTable: the comparisons of a benchmark. Google Benchmark prints numbers one by one. This keeps them,
// and prints at the end the ratios of those that should be compared, all of the same run. Not thread-safe.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fovea::bench {

// The operations per second of one benchmark, of all its threads together, over its repetitions.
struct Rates {
  double lower_quartile, median, upper_quartile;
};

// One line of the table: how many times faster `name` is than `than`, and the goal for it.
struct Ratio {
  std::string label;
  std::string name, than;  // as Google Benchmark prints them
  double goal = 0;         // 0 where there is none
};

class RatioTable final : public benchmark::ConsoleReporter {
 public:
  RatioTable() : ConsoleReporter(OO_None) {}

  void ReportRuns(const std::vector<Run>& runs) override;

  // Median nanoseconds per operation, with the quartiles. Prints nothing for a benchmark that did not run.
  void print_time(const std::string& label, const std::string& name, double goal_ns = 0) const;
  // The quotient of the medians. Its spread compares the slower quartile of one with the faster one of the
  // other.
  void print_ratio(const Ratio& ratio) const;

 private:
  std::optional<Rates> rates(const std::string& name) const;

  std::map<std::string, std::vector<double>> items_per_second_;
};

}  // namespace fovea::bench
