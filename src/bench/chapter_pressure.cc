// Two chapters from replays. Policies under a budget that is too small: do they diverge, as the paper expects
// (VII.A)? And the growth of the working set: what one budget saves as the number of images grows.
#include <algorithm>
#include <cmath>
#include <format>

#include "bench/bench_page.h"
#include "report/number_text.h"

namespace fovea {

namespace {

std::vector<double> percent(const std::vector<double>& shares) {
  std::vector<double> all(shares.size());
  std::ranges::transform(shares, all.begin(), [](double share) { return 100 * share; });
  return all;
}

const PressureStudy::Policy* policy_named(const PressureStudy& study, std::string_view name) {
  const auto found = std::ranges::find(study.policies, name, &PressureStudy::Policy::name);
  return found == study.policies.end() ? nullptr : &*found;
}

std::vector<double> differences(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<double> all(first.size());
  std::ranges::transform(first, second, all.begin(), std::minus<>());
  return all;
}

Table saved_table(const PressureStudy& study) {
  Table table{
      .name = "pressure",
      .caption =
          "Compute saved, % of all, mean ± half the 95 % interval over seeds, by budget in % of the working set.",
      .head = {"policy"},
      .rows = {}};
  for (const double budget : study.budgets) table.head.push_back(std::format("{} %", number_text(100 * budget)));
  for (const auto& policy : study.policies) {
    std::vector<std::string> row = {policy.name};
    for (const auto& seeds : policy.saved) row.push_back(mean_text(mean_of(percent(seeds))));
    table.rows.push_back(std::move(row));
  }
  std::vector<std::string> row = {"upper bound"};
  for (const auto& seeds : study.ceiling) row.push_back(mean_text(mean_of(percent(seeds))));
  table.rows.push_back(std::move(row));
  return table;
}

// The others compared with lru: each policy under each budget is a comparison.
struct Comparison {
  std::string policy;
  double more = 0;  // percentage points, mean over seeds
  bool significant = false;
};

std::vector<Comparison> compared_with_lru(const PressureStudy& study) {
  std::vector<Comparison> all;
  const auto* lru = policy_named(study, "lru");
  if (lru == nullptr) return all;
  const std::size_t comparisons = (study.policies.size() - 1) * study.budgets.size();
  for (const auto& policy : study.policies) {
    if (policy.name == "lru") continue;
    for (std::size_t i = 0; i < study.budgets.size(); ++i) {
      const auto more = differences(percent(policy.saved[i]), percent(lru->saved[i]));
      const auto test = wilcoxon_test(more);
      all.push_back({policy.name, mean_of(more).value, test && bonferroni(test->p, comparisons) < 0.05});
    }
  }
  return all;
}

Table differences_table(const PressureStudy& study, const std::vector<Comparison>& comparisons) {
  Table table{.name = "pressure-verdict",
              .caption =
                  "What is saved beyond `lru` on the same requests, in percentage points; * where Wilcoxon's p, with "
                  "Bonferroni's correction for all comparisons of this table, is below 0.05.",
              .head = {"policy"},
              .rows = {}};
  for (const double budget : study.budgets) table.head.push_back(std::format("{} %", number_text(100 * budget)));
  for (const Comparison& comparison : comparisons) {
    if (table.rows.empty() || table.rows.back()[0] != comparison.policy) table.rows.push_back({comparison.policy});
    table.rows.back().push_back(std::format("{:+.1f}{}", comparison.more, comparison.significant ? " *" : ""));
  }
  return table;
}

Figure saved_figure(const PressureStudy& study) {
  LineFigure figure{.title = "Compute saved under pressure",
                    .x_label = "budget, % of the working set",
                    .y_label = "saved, % of all compute",
                    .series = {},
                    .log_x = true};
  const auto curve = [&](const std::string& name, const std::vector<std::vector<double>>& saved) {
    LineFigure::Series series{.name = name, .points = {}};
    for (std::size_t i = 0; i < study.budgets.size(); ++i)
      series.points.push_back({100 * study.budgets[i], mean_of(percent(saved[i]))});
    figure.series.push_back(std::move(series));
  };
  for (const auto& policy : study.policies) {
    if (policy.name != "s3-fifo" && policy.name != "sieve")
      curve(policy.name, policy.saved);  // as many as colours tell apart
  }
  curve("upper bound", study.ceiling);
  return {"pressure", "What policies save under a budget that is too small. The table has all of them.",
          std::move(figure)};
}

// A sentence part that says whether policies of these names differ from lru.
std::string finding(const std::vector<Comparison>& all, const std::vector<std::string>& names) {
  std::size_t count = 0, significant = 0;
  double furthest = 0;
  for (const Comparison& comparison : all) {
    if (!std::ranges::contains(names, comparison.policy)) continue;
    ++count;
    if (!comparison.significant) continue;
    ++significant;
    if (std::abs(comparison.more) > std::abs(furthest)) furthest = comparison.more;
  }
  if (significant == 0) return std::format("none of {} comparisons with `lru` is significant", count);
  return std::format("{} of {} comparisons with `lru` are significant, the largest by {:+.1f} points of all compute",
                     significant, count, furthest);
}

std::string verdict(const std::vector<Comparison>& comparisons) {
  return std::format(
      "The paper expects its three policies to diverge once the cache is too small (VII.A). `importance` and "
      "`cross-modal`: {}. "
      "Policies that know what an entry cost, `cost` and `value`: {}.",
      finding(comparisons, {"importance", "cross-modal"}), finding(comparisons, {"cost", "value"}));
}

}  // namespace

void add_pressure_chapter(Page& page, const PressureStudy& study) {
  page.blocks.emplace_back(Heading{2, "Policies under pressure"});
  page.blocks.emplace_back(Paragraph{study.load});
  const std::vector<Comparison> comparisons = compared_with_lru(study);
  page.blocks.emplace_back(Paragraph{verdict(comparisons)});
  page.blocks.emplace_back(saved_figure(study));
  page.blocks.emplace_back(saved_table(study));
  page.blocks.emplace_back(differences_table(study, comparisons));
}

void add_growth_chapter(Page& page, const GrowthStudy& study) {
  LineFigure figure{.title = "A fixed budget, a growing number of images",
                    .x_label = "images",
                    .y_label = "saved, % of all compute",
                    .series = {{.name = "saved", .points = {}}},
                    .log_x = true};
  Table table{.name = "growth", .caption = "", .head = {"images", "working set, GB", "compute saved, %"}, .rows = {}};
  for (const auto& point : study.points) {
    const Estimate saved{100 * point.saved.value, 100 * point.saved.low, 100 * point.saved.high};
    figure.series[0].points.push_back({point.pictures, saved});
    table.rows.push_back({number_text(point.pictures), number_text(point.working_set_bytes / 1e9), mean_text(saved)});
  }
  page.blocks.emplace_back(Heading{2, "Growth of the working set"});
  page.blocks.emplace_back(Paragraph{study.load});
  page.blocks.emplace_back(
      Figure{"growth", "What the same budget saves as the number of images grows.", std::move(figure)});
  page.blocks.emplace_back(std::move(table));
}

}  // namespace fovea
