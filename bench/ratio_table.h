// RatioTable: what a benchmark is about. Google Benchmark prints numbers one by one; this keeps them, and at the end sets beside
// each other those that should be compared, all of the same run.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fovea::bench {

// The operations a second of one benchmark, of all its threads together, over its repetitions.
struct Rates {
  double lower_quartile, median, upper_quartile;
};

// One line of the table: how many times faster `name` is than `than`, and what we would like it to be.
struct Ratio {
  std::string label;
  std::string name, than;  // as Google Benchmark prints them
  double goal = 0;         // 0 where there is none
};

class RatioTable final : public benchmark::ConsoleReporter {
 public:
  RatioTable() : ConsoleReporter(OO_None) {}

  void ReportRuns(const std::vector<Run>& runs) override;

  // Median nanoseconds an operation with the quartiles; nothing is printed for a benchmark that did not run.
  void print_time(const std::string& label, const std::string& name, double goal_ns = 0) const;
  // The quotient of the medians; the spread sets the slower quartile of the one against the faster of the other.
  void print_ratio(const Ratio& ratio) const;

 private:
  std::optional<Rates> rates(const std::string& name) const;

  std::map<std::string, std::vector<double>> items_per_second_;
};

}  // namespace fovea::bench
