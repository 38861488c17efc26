#include "app/output/replay/replay_plot.h"

#include <format>
#include <functional>
#include <iterator>

namespace fovea::app {

namespace {

// A file's name for a script, without characters that end a text or have a meaning in it.
std::string harmless(std::string_view text) {
  std::string plain;
  for (const char c : text) plain += (c >= ' ' && c <= '~' && !std::string_view("'\"`\\").contains(c)) ? c : '_';
  return plain;
}

// One curve: the budget in percent of the working set, and the saved share in percent.
std::string curve(const Study& study, const std::function<double(const StudyAtBudget&)>& saved_ms) {
  std::string points;
  const double total_ms = study.ceiling.total_ms > 0 ? study.ceiling.total_ms : 1;
  for (const StudyAtBudget& at : study.budgets) {
    const double budget = static_cast<double>(at.budget.plan.total_bytes());
    std::format_to(std::back_inserter(points), "{:.6g} {:.6g}\n",
                   100 * budget / static_cast<double>(study.working_set_bytes), 100 * saved_ms(at) / total_ms);
  }
  return points + "e\n";
}

}  // namespace

std::string replay_plot(const Study& study, std::string_view terminal) {
  std::string script = std::format(
      "set terminal {} size 900,600\n"
      "set title '{}' noenhanced\n"
      "set xlabel 'budget, % of the working set'\n"
      "set ylabel 'saved, % of all compute'\n"
      "set logscale x\n"
      "set yrange [0:*]\n"
      "set grid\n"
      "set key outside right noenhanced\n",
      terminal, harmless(study.trace));
  std::format_to(std::back_inserter(script),
                 "plot {} with lines dashtype 3 linecolor 'black' title 'compulsory ceiling', "
                 "'-' with lines dashtype 2 linewidth 2 linecolor 'gray40' title 'upper bound', "
                 "'-' with lines dashtype 4 linewidth 2 linecolor 'gray60' title 'offline greedy'",
                 100 * study.ceiling.cost_hit_ratio());
  const std::size_t policies = study.budgets.empty() ? 0 : study.budgets.front().rows.size();
  for (std::size_t i = 0; i < policies; ++i) {
    std::format_to(std::back_inserter(script), ", '-' with linespoints title '{}'",
                   to_string(study.budgets.front().rows[i].policy));
  }
  script += '\n' + curve(study, [](const StudyAtBudget& at) { return at.upper_bound_ms; });
  script += curve(study, [](const StudyAtBudget& at) { return at.offline_greedy.saved_ms; });
  for (std::size_t i = 0; i < policies; ++i)
    script += curve(study, [i](const StudyAtBudget& at) { return at.rows[i].outcome.saved_ms; });
  return script;
}

}  // namespace fovea::app
