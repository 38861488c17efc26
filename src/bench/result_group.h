// BenchGroup: the runs that belong together (one scenario, the same targets, different seeds), and the
// numbers that a report takes from their answers.
//
// Pure functions over records; thread-safe. A group borrows its runs.
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
  // The target that the others are compared with: "none" where it is one, else the target that was named
  // last.
  const std::string& baseline() const;
};

// The runs by group, in the order of each group's first run. Runs of a group differ only in their seed.
std::vector<BenchGroup> groups_of(std::span<const BenchRun> runs);

using RecordFilter = std::function<bool(const BenchRecord&)>;

// The successful answers of the first pass, without controls.
bool is_cold(const BenchRecord& record);
// The same of the second pass.
bool is_warm(const BenchRecord& record);
bool is_control(const BenchRecord& record);

// The records of `target` that `filter` accepts, of all seeds.
std::vector<const BenchRecord*> select(const BenchGroup& group, const std::string& target, const RecordFilter& filter);

// Their times to the complete answer, in milliseconds.
std::vector<double> totals(const BenchGroup& group, const std::string& target, const RecordFilter& filter);

// The times of the requests that both targets answered and `filter` accepts, in the same order.
struct PairedTotals {
  std::vector<double> first, second;
  std::vector<double> differences() const;  // first - second
};
PairedTotals paired_totals(const BenchGroup& group, const std::string& first, const std::string& second,
                           const RecordFilter& filter);

// The share of the answers that `filter` accepts in which `level` hit, or was not needed because a higher
// level hit.
double hit_share(const BenchGroup& group, const std::string& target, const std::string& level,
                 const RecordFilter& filter);

// How much faster the answers of `target` that `filter` accepts are than the baseline's: the ratio of mean
// times. The times are taken in pairs where the baseline got all of the same requests, else with all that it
// got in the first pass. Absent without answers of both.
std::optional<Estimate> speedup(const BenchGroup& group, const std::string& target, const RecordFilter& filter);

// Mean milliseconds per request by stage. "other" is the time that belongs to no stage.
std::map<std::string, double> mean_stages(const BenchGroup& group, const std::string& target,
                                          const RecordFilter& filter);

// How many answers are equal, of the requests that both targets answered.
struct Agreement {
  std::size_t same = 0, compared = 0;
};
Agreement agreement(const BenchGroup& group, const std::string& first, const std::string& second);

}  // namespace fovea
