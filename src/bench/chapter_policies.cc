// The chapter with Table III: the paper's policies, running. The same levels stand side by side, each with
// another policy.
#include <algorithm>
#include <format>

#include "bench/bench_page.h"
#include "report/number_text.h"

namespace fovea {

namespace {

constexpr std::string_view prefix = "both:";

std::vector<std::string> policies_of(const BenchGroup& group) {
  std::vector<std::string> policies;
  for (const BenchTarget& target : group.head().targets) {
    if (target.name.starts_with(prefix) && !totals(group, target.name, is_cold).empty())
      policies.push_back(target.name);
  }
  return policies;
}

double level_hits(const BenchGroup& group, const std::string& policy, const char* level) {
  return hit_share(group, policy, level, is_cold);
}

std::string about(const BenchGroup& group, const std::string& policy) {
  return std::ranges::find(group.head().targets, policy, &BenchTarget::name)->about;
}

// `policy` compared with `first`: the cells behind the mean in its row.
std::vector<std::string> compared(const BenchGroup& group, const std::string& policy, const std::string& first,
                                  std::size_t comparisons) {
  const auto differences = paired_totals(group, policy, first, is_cold).differences();
  if (policy == first || differences.size() < 2) return {"", "", "", "", ""};
  const auto t = paired_t_test(differences);
  const auto w = wilcoxon_test(differences);
  const auto d = cohens_d(differences);
  return {mean_text(mean_of(differences)), t ? number_text(t->statistic) : "-",
          t ? p_text(bonferroni(t->p, comparisons)) : "-", w ? p_text(bonferroni(w->p, comparisons)) : "-",
          d ? number_text(*d) : "-"};
}

std::string verdict(const BenchGroup& group, const std::vector<std::string>& policies) {
  for (const std::string& policy : policies) {
    if (level_hits(group, policy, "response") != level_hits(group, policies.front(), "response") ||
        level_hits(group, policy, "embedding") != level_hits(group, policies.front(), "embedding"))
      return "Entries had to be evicted, and the policies do not choose alike.";
  }
  return "All of them hit equally often. They do so where nothing has to be evicted, because there is nothing to "
         "choose. The differences between their times are noise of the clock.";
}

void add_figure_four(Page& page, const BenchGroup& group, const std::vector<std::string>& policies,
                     const std::string& suffix) {
  BarFigure figure{.title = "Mean latency by policy", .y_label = "ms", .groups = {}, .series = {{"measured", {}}}};
  for (const std::string& policy : policies) {
    figure.groups.push_back(policy.substr(prefix.size()));
    figure.series[0].values.push_back(mean_of(totals(group, policy, is_cold)));
  }
  page.blocks.emplace_back(
      Figure{"paper-4-policies" + suffix, "Figure 4: mean time to the complete answer, by policy.", std::move(figure)});
}

void add_table_three(Page& page, const BenchGroup& group, std::size_t number) {
  const auto policies = policies_of(group);
  const std::string suffix = number == 1 ? "" : std::format("-{}", number);
  Table table{.name = "table-3" + suffix,
              .caption = std::format(
                  "Table III, {} seeds, model {}; {}: {}. Differences from that policy, request by request; p "
                  "with Bonferroni's correction.",
                  group.runs.size(), group.head().model, policies.front(), about(group, policies.front())),
              .head = {"policy", "response hits", "embedding hits", "mean ms", "difference, ms", "t", "p (t)",
                       "p (Wilcoxon)", "d"},
              .rows = {}};
  for (const std::string& policy : policies) {
    table.rows.push_back({policy.substr(prefix.size()), share_text(level_hits(group, policy, "response")),
                          share_text(level_hits(group, policy, "embedding")),
                          mean_text(mean_of(totals(group, policy, is_cold)))});
    for (std::string& cell : compared(group, policy, policies.front(), policies.size() - 1))
      table.rows.back().push_back(std::move(cell));
  }
  page.blocks.emplace_back(std::move(table));
  page.blocks.emplace_back(Paragraph{verdict(group, policies)});
  add_figure_four(page, group, policies, suffix);
}

}  // namespace

void add_policies_chapter(Page& page, const std::vector<BenchGroup>& groups) {
  std::size_t number = 0;
  for (const BenchGroup& group : groups) {
    if (group.name() != "paper" || policies_of(group).size() < 2) continue;
    if (++number == 1) page.blocks.emplace_back(Heading{2, "The paper's policies, running"});
    add_table_three(page, group, number);
  }
}

}  // namespace fovea
