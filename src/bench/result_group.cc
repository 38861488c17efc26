// An answer is found by its place: seed, pass and request. So answers of two targets make pairs whatever
// their order in the files is, and a request that one of them did not get is left out.
#include "bench/result_group.h"

#include <algorithm>
#include <glaze/glaze.hpp>
#include <tuple>

namespace fovea {

namespace {

// What the runs of one group have in common, as text.
std::string group_key(const BenchHead& head) {
  std::string key = glz::write_json(head.scenario).value_or("") + head.load + '\n' + head.model + '\n' + head.pictures +
                    '\n' + head.settings;
  for (const BenchTarget& target : head.targets) key += '\n' + target.name + '\n' + target.about;
  return key;
}

using Place = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;  // seed, pass, request

std::map<Place, const BenchRecord*> by_place(const BenchGroup& group, const std::string& target,
                                             const RecordFilter& filter) {
  std::map<Place, const BenchRecord*> found;
  for (const BenchRun* run : group.runs) {
    for (const BenchRecord& record : run->records) {
      if (record.target == target && filter(record)) found[{run->head.seed, record.pass, record.request}] = &record;
    }
  }
  return found;
}

bool succeeded(const BenchRecord& record) { return record.error.empty(); }

}  // namespace

bool BenchGroup::has(const std::string& target) const {
  return std::ranges::contains(head().targets, target, &BenchTarget::name);
}

const std::string& BenchGroup::baseline() const {
  const auto none = std::ranges::find(head().targets, "none", &BenchTarget::name);
  return none != head().targets.end() ? none->name : head().targets.back().name;
}

std::vector<BenchGroup> groups_of(std::span<const BenchRun> runs) {
  std::vector<BenchGroup> groups;
  std::map<std::string, std::size_t> known;
  for (const BenchRun& run : runs) {
    const auto [place, fresh] = known.try_emplace(group_key(run.head), groups.size());
    if (fresh) groups.emplace_back();
    groups[place->second].runs.push_back(&run);
  }
  std::map<std::string, std::uint32_t> numbers;
  for (BenchGroup& group : groups) {
    std::ranges::sort(group.runs, {}, [](const BenchRun* run) { return run->head.seed; });
    group.number = ++numbers[group.name()];
  }
  return groups;
}

bool is_control(const BenchRecord& record) { return succeeded(record) && record.kind == "control"; }
bool is_cold(const BenchRecord& record) { return succeeded(record) && record.kind != "control" && record.pass == 1; }
bool is_warm(const BenchRecord& record) { return succeeded(record) && record.kind != "control" && record.pass > 1; }

std::vector<const BenchRecord*> select(const BenchGroup& group, const std::string& target, const RecordFilter& filter) {
  std::vector<const BenchRecord*> found;
  for (const auto& [place, record] : by_place(group, target, filter)) found.push_back(record);
  return found;
}

std::vector<double> totals(const BenchGroup& group, const std::string& target, const RecordFilter& filter) {
  std::vector<double> ms;
  for (const BenchRecord* record : select(group, target, filter)) ms.push_back(record->total_ms);
  return ms;
}

std::vector<double> PairedTotals::differences() const {
  std::vector<double> all(first.size());
  std::ranges::transform(first, second, all.begin(), std::minus<>());
  return all;
}

PairedTotals paired_totals(const BenchGroup& group, const std::string& first, const std::string& second,
                           const RecordFilter& filter) {
  const auto others = by_place(group, second, filter);
  PairedTotals pairs;
  for (const auto& [place, record] : by_place(group, first, filter)) {
    const auto other = others.find(place);
    if (other == others.end()) continue;
    pairs.first.push_back(record->total_ms);
    pairs.second.push_back(other->second->total_ms);
  }
  return pairs;
}

double hit_share(const BenchGroup& group, const std::string& target, const std::string& level,
                 const RecordFilter& filter) {
  const std::array<std::string, 3> from_the_top = {"response", "prefix", "embedding"};
  const auto records = select(group, target, filter);
  if (records.empty()) return 0;
  const auto hits = std::ranges::count_if(records, [&](const BenchRecord* record) {
    for (const std::string& name : from_the_top) {
      const auto outcome = record->levels.find(name);
      if (outcome != record->levels.end() && outcome->second == "hit") return true;
      if (name == level) return false;
    }
    return false;
  });
  return static_cast<double>(hits) / static_cast<double>(records.size());
}

std::optional<Estimate> speedup(const BenchGroup& group, const std::string& target, const RecordFilter& filter) {
  const std::vector<double> all = totals(group, target, filter);
  const std::vector<double> baseline = totals(group, group.baseline(), is_cold);
  if (all.empty() || baseline.empty()) return std::nullopt;
  const PairedTotals pairs = paired_totals(group, group.baseline(), target, filter);
  if (pairs.first.size() == all.size()) return ratio_of_means(pairs.first, pairs.second, true);
  return ratio_of_means(baseline, all, false);
}

std::map<std::string, double> mean_stages(const BenchGroup& group, const std::string& target,
                                          const RecordFilter& filter) {
  const auto records = select(group, target, filter);
  std::map<std::string, double> means;
  for (const BenchRecord* record : records) {
    double known = 0;
    for (const auto& [stage, ms] : record->stages) {
      means[stage] += ms;
      known += ms;
    }
    means["other"] += std::max(0.0, record->total_ms - known);
  }
  for (auto& [stage, ms] : means) ms /= static_cast<double>(records.size());
  return means;
}

Agreement agreement(const BenchGroup& group, const std::string& first, const std::string& second) {
  const auto others = by_place(group, second, succeeded);
  Agreement agreed;
  for (const auto& [place, record] : by_place(group, first, succeeded)) {
    const auto other = others.find(place);
    if (other == others.end()) continue;
    ++agreed.compared;
    if (other->second->answer == record->answer) ++agreed.same;
  }
  return agreed;
}

}  // namespace fovea
