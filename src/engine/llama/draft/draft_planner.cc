// A step gives each answer one token, and one more for each drafted token that is right together with all
// before it. So the odds of a drafted token are what its row is expected to add. The best rows are taken as
// long as the tokens of a step grow faster than its time. An answer's odds fall from one token to the next,
// so that taking the best rows never leaves a gap.
#include "engine/llama/draft/draft_planner.h"

#include <algorithm>
#include <functional>

namespace fovea::llama {

namespace {

// The least expected gain for which anything is drafted: estimates err, and a wrong draft is a sure loss.
constexpr double gain_min = 1.05;

}  // namespace

std::size_t DraftPlanner::rows_worth(std::span<const double> best_first, std::size_t answers) const {
  const std::size_t room = BatchCosts::rows_max > answers ? BatchCosts::rows_max - answers : 0;
  const std::size_t rows_max = std::min(best_first.size(), room);
  if (rows_max == 0 || mode_ == DraftMode::on) return rows_max;
  double tokens = static_cast<double>(answers);
  double best = gain_min * tokens / costs_.cost(answers);
  std::size_t worth = 0;
  for (std::size_t rows = 1; rows <= rows_max; ++rows) {
    tokens += best_first[rows - 1];
    const double speed = tokens / costs_.cost(answers + rows);
    if (speed <= best) continue;
    best = speed;
    worth = rows;
  }
  return worth;
}

std::vector<std::size_t> DraftPlanner::plan(std::span<const std::vector<double>> odds) const {
  std::vector<std::size_t> counts(odds.size(), 0);
  if (mode_ == DraftMode::off) return counts;
  struct Row {
    double odds;
    std::size_t answer;
  };
  std::vector<Row> rows;
  for (std::size_t answer = 0; answer < odds.size(); ++answer) {
    for (const double each : odds[answer]) rows.push_back({each, answer});
  }
  if (rows.empty()) return counts;
  std::ranges::stable_sort(rows, std::greater(), &Row::odds);
  std::vector<double> best_first;
  for (const Row& row : rows) best_first.push_back(row.odds);
  const std::size_t worth = rows_worth(best_first, odds.size());
  for (std::size_t row = 0; row < worth; ++row) ++counts[rows[row].answer];
  return counts;
}

}  // namespace fovea::llama
