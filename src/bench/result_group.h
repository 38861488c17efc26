// BenchGroup: the runs that belong together - one scenario, the same targets, other seeds - and what is asked of their answers.
//
// Pure functions over records. Borrows the runs.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "bench/raw_results.h"
#include "report/statistics.h"

namespace fovea {

struct BenchGroup {
  std::vector<const BenchRun*> runs;  // one a seed, by seed
  std::uint32_t number = 1;           // among the groups of the same scenario

  const BenchHead& head() const { return runs.front()->head; }
  const std::string& name() const { return head().scenario.workload.name; }
  bool has(const std::string& target) const;
  // Whom the others are compared with: "none" where everything was computed anew; else the target that was named last.
  const std::string& baseline() const;
};

// Runs of one scenario that differ in nothing but the seed, in the order in which they are first found.
std::vector<BenchGroup> groups_of(std::span<const BenchRun> runs);

using RecordFilter = std::function<bool(const BenchRecord&)>;

// Answers of the scenario itself, that came: in the first pass, no control.
bool is_cold(const BenchRecord& record);
// Of the second pass.
bool is_warm(const BenchRecord& record);
bool is_control(const BenchRecord& record);

// The records of `target` that `filter` lets through, all seeds.
std::vector<const BenchRecord*> select(const BenchGroup& group, const std::string& target, const RecordFilter& filter);

// Milliseconds until the whole answer.
std::vector<double> totals(const BenchGroup& group, const std::string& target, const RecordFilter& filter);

// Requests that both targets answered and `filter` lets through: what each took, in the same order.
struct PairedTotals {
  std::vector<double> first, second;
  std::vector<double> differences() const;  // first - second
};
PairedTotals paired_totals(const BenchGroup& group, const std::string& first, const std::string& second,
                           const RecordFilter& filter);

// Of all answers that `filter` lets through, the share where `level` was a hit, or was not needed since a higher level hit.
double hit_share(const BenchGroup& group, const std::string& target, const std::string& level,
                 const RecordFilter& filter);

// How much faster the answers of `target` that `filter` lets through are than the baseline's: the ratio of mean times. In pairs where
// the baseline was asked all of the same requests; else with those that it was asked in the first pass. Absent without answers of both.
std::optional<Estimate> speedup(const BenchGroup& group, const std::string& target, const RecordFilter& filter);

// Mean milliseconds a request by stage; "other" is what no stage has.
std::map<std::string, double> mean_stages(const BenchGroup& group, const std::string& target,
                                          const RecordFilter& filter);

// Of the requests that both answered, how many answers are the same text.
struct Agreement {
  std::size_t same = 0, compared = 0;
};
Agreement agreement(const BenchGroup& group, const std::string& first, const std::string& second);

}  // namespace fovea
