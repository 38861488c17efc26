#include "bench/bench_page.h"

#include <format>

#include "report/number_text.h"

namespace fovea {

namespace {

void add_summary(Page& page, const std::vector<BenchGroup>& groups) {
  Table table{
      .name = "summary",
      .caption = "Speed-up over the baseline in mean time to the complete answer, with 95 % intervals (bootstrap).",
      .head = {"scenario", "model", "target", "baseline", "speed-up, cold", "speed-up, second pass", "p50 ms", "p95 ms",
               "answers"},
      .rows = {}};
  for (const BenchGroup& group : groups) {
    for (const BenchTarget& target : group.head().targets) {
      const auto cold = totals(group, target.name, is_cold);
      if (cold.empty() || target.name == group.baseline()) continue;
      const std::string& model = group.head().model;
      table.rows.push_back({group.name(), model.empty() ? "the servers'" : model, target.name, group.baseline(),
                            ratio_text(speedup(group, target.name, is_cold)),
                            ratio_text(speedup(group, target.name, is_warm)), number_text(percentile(cold, 0.5)),
                            number_text(percentile(cold, 0.95)), std::to_string(cold.size())});
    }
  }
  if (table.rows.empty()) return;
  page.blocks.emplace_back(Heading{2, "Summary"});
  page.blocks.emplace_back(std::move(table));
}

}  // namespace

Page bench_page(const BenchPageInput& input) {
  Page page{.title = input.title, .blocks = {}};
  add_summary(page, input.groups);
  for (const BenchGroup& group : input.groups) add_paper_chapter(page, group);
  add_policies_chapter(page, input.groups);
  for (const BenchGroup& group : input.groups) add_scenario_chapter(page, group);
  if (input.pressure) add_pressure_chapter(page, *input.pressure);
  if (input.growth) add_growth_chapter(page, *input.growth);
  add_money_chapter(page, input.groups, input.prices);
  add_method_chapter(page, input.groups);
  return page;
}

}  // namespace fovea
