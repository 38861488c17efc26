// Traces are generated, so they depend on the seed alone and a report is the same each time. There are twenty
// seeds: Wilcoxon's p cannot be below 2^(1-n) for n pairs, and it is multiplied by the number of comparisons,
// so ten seeds could not show any difference.
#include "app/bench_pressure.h"

#include <algorithm>
#include <format>
#include <vector>

#include "base/units.h"
#include "replay/ceiling.h"
#include "replay/replay.h"
#include "replay/study.h"
#include "report/number_text.h"

namespace fovea::app {

namespace {

constexpr std::uint32_t seeds = 20;
constexpr double budgets[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5};  // of the working set
constexpr std::uint32_t requests_min = 10'000;         // a load of a few hundred requests ends before there is pressure
constexpr std::uint32_t growth_budget_pictures = 500;  // the budget is half of their working set
constexpr std::uint32_t growth_pictures[] = {100, 200, 500, 1000, 2000, 5000};

double mean_stage(const BenchGroup& group, const std::string& target, const std::string& stage) {
  const auto with_stage = [&](const BenchRecord& record) {
    return record.error.empty() && record.stages.contains(stage);
  };
  const auto stages = mean_stages(group, target, with_stage);
  const auto found = stages.find(stage);
  return found == stages.end() ? 0 : found->second;
}

// Bytes per entry of `level`, over all runs.
std::uint64_t entry_bytes(const BenchGroup& group, const std::string& target, const std::string& level) {
  std::uint64_t bytes = 0, entries = 0;
  for (const BenchRun* run : group.runs) {
    const auto holdings = run->tail.holdings.find(target);
    if (holdings == run->tail.holdings.end()) continue;
    for (const Holding& holding : holdings->second) {
      if (holding.level != level) continue;
      bytes += holding.bytes;
      entries += holding.entries;
    }
  }
  return entries == 0 ? 0 : bytes / entries;
}

std::string load_line(const Workload& workload, const WorkloadModel& model) {
  return std::format(
      "{} requests of \"{}\" ({}) were replayed through the code of the real policies under {} seeds. Entries have the "
      "sizes and costs that were measured above: an embedding {} and {} ms, a response {} and {} ms more. One budget "
      "holds both. Importance is drawn at random, because it is not known what it would say (docs/attention.md).",
      workload.requests, workload.name, workload.about, seeds, format_bytes(model.embedding_bytes),
      number_text(model.encode_ms), format_bytes(model.response_bytes), number_text(model.generate_ms));
}

}  // namespace

std::optional<WorkloadModel> measured_model(const BenchGroup& group) {
  const char* target = group.has("both") ? "both" : "all";
  const std::uint64_t embedding = entry_bytes(group, target, "embedding"),
                      response = entry_bytes(group, target, "response");
  const double encode_ms = mean_stage(group, target, "encode");
  if (embedding == 0 || response == 0 || encode_ms == 0) return std::nullopt;
  return WorkloadModel{.embedding_bytes = embedding,
                       .response_bytes = std::max<std::uint64_t>(4, response),
                       .encode_ms = encode_ms,
                       .generate_ms = mean_stage(group, target, "generate") + mean_stage(group, target, "prefill")};
}

PressureStudy study_pressure(Workload workload, const WorkloadModel& model, const Progress& progress) {
  workload.models = {model};
  workload.requests = std::max(workload.requests, requests_min);
  PressureStudy found{.load = load_line(workload, model),
                      .budgets = {std::begin(budgets), std::end(budgets)},
                      .policies = {},
                      .ceiling = {}};
  const auto policies = all_policies();
  for (const PolicyKind policy : policies)
    found.policies.push_back({std::string(to_string(policy)), std::vector<std::vector<double>>(std::size(budgets))});
  found.ceiling.resize(std::size(budgets));
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    const Trace trace = generate_trace(workload, seed);
    const std::uint64_t all = working_set_bytes(trace);
    std::vector<StudyBudget> plans;
    for (const double share : budgets)
      plans.push_back({"", BudgetPlan::shared(static_cast<std::uint64_t>(share * static_cast<double>(all)))});
    const Study done =
        study(trace, policies, plans, [&](double part) { report_progress(progress, (seed - 1 + part) / seeds); });
    for (std::size_t i = 0; i < done.budgets.size(); ++i) {
      for (std::size_t p = 0; p < policies.size(); ++p)
        found.policies[p].saved[i].push_back(done.budgets[i].rows[p].outcome.cost_hit_ratio());
      found.ceiling[i].push_back(done.budgets[i].upper_bound_ms / done.ceiling.total_ms);
    }
  }
  return found;
}

GrowthStudy study_growth(Workload workload, const WorkloadModel& model, const Progress& progress) {
  workload.models = {model};
  workload.requests = std::max(workload.requests, requests_min);
  workload.images = growth_budget_pictures;
  const std::uint64_t budget = working_set_bytes(generate_trace(workload, 1)) / 2;
  GrowthStudy found{
      .load = std::format("The same load with a growing number of images, and one budget for embeddings and "
                          "responses: {}, half of the working set "
                          "of {} images. Policy `{}`, {} seeds, {} requests each.",
                          format_bytes(budget), growth_budget_pictures, to_string(default_policy), seeds,
                          workload.requests),
      .points = {}};
  std::uint32_t done = 0;
  for (const std::uint32_t pictures : growth_pictures) {
    workload.images = pictures;
    std::vector<double> saved;
    double working_set = 0;
    for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
      const Trace trace = generate_trace(workload, seed);
      working_set += static_cast<double>(working_set_bytes(trace)) / seeds;
      saved.push_back(replay(trace, default_policy, BudgetPlan::shared(budget)).cost_hit_ratio());
      report_progress(progress, static_cast<double>(++done) / (seeds * std::size(growth_pictures)));
    }
    found.points.push_back({static_cast<double>(pictures), mean_of(saved), working_set});
  }
  return found;
}

}  // namespace fovea::app
