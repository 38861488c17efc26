#include "app/output/replay/replay_text.h"

#include <algorithm>
#include <format>
#include <string_view>

#include "base/units.h"

namespace fovea::app {

namespace {

constexpr int name_width = 37;  // the longest row's name and a gap

std::string percent(double ratio) { return std::format("{:.1f}%", 100 * ratio); }

// "2.31 M", "512 k", "87".
std::string rate(double per_second) {
  if (per_second >= 1e6) return std::format("{:.2f} M", per_second / 1e6);
  if (per_second >= 1e3) return std::format("{:.0f} k", per_second / 1e3);
  return std::format("{:.0f}", per_second);
}

std::string line(std::string_view name, std::string_view saved, std::string_view cost, std::string_view objects,
                 std::string_view bytes, std::string_view evictions, std::string_view speed) {
  std::string text = std::format("  {:<{}}{:>15}{:>8}{:>9}{:>8}{:>12}{:>12}", name, name_width, saved, cost, objects,
                                 bytes, evictions, speed);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string outcome_line(std::string_view name, const ReplayOutcome& outcome, const std::string& speed) {
  return line(name, format_ms(outcome.saved_ms), percent(outcome.cost_hit_ratio()), percent(outcome.object_hit_ratio()),
              percent(outcome.byte_hit_ratio()), std::to_string(outcome.evictions), speed);
}

std::string budget_text(const StudyAtBudget& at, double total_ms) {
  std::string text = std::format("\n{} ({})\n", at.budget.label, format_bytes(at.budget.plan.total_bytes()));
  text += line("policy", "saved", "of cost", "objects", "bytes", "evictions", "requests/s");
  for (const StudyRow& row : at.rows)
    text += outcome_line(to_string(row.policy), row.outcome, rate(row.outcome.requests_per_second()));
  text += outcome_line("offline greedy (achievable)", at.offline_greedy, "");
  const double share = total_ms > 0 ? at.upper_bound_ms / total_ms : 0;
  text += line("upper bound (space-time relaxation)", format_ms(at.upper_bound_ms), percent(share), "", "", "", "");
  return text;
}

}  // namespace

std::string replay_text(const Study& study) {
  std::string text =
      std::format("{}: {} requests, {} look-ups, {} keys, {} of compute; working set {}\n", study.trace, study.requests,
                  study.lookups, study.keys, format_ms(study.ceiling.total_ms), format_bytes(study.working_set_bytes));
  for (const StudyAtBudget& at : study.budgets) text += budget_text(at, study.ceiling.total_ms);
  text += '\n' + outcome_line("compulsory ceiling (no limit)", study.ceiling, "");
  return text;
}

}  // namespace fovea::app
