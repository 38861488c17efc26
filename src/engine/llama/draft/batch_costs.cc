#include "engine/llama/draft/batch_costs.h"

#include <algorithm>

namespace fovea::llama {

namespace {

// A further row's part of a batch of one row, where no larger batch was measured: a cautious guess. On two
// cores and a small model 2, 4 and 8 rows took 1.4, 1.9 and 3.4 times as long as one.
constexpr double row_share = 0.4;
// Times err upwards, when a batch waits for the processor. So a faster one counts at once, a slower one
// slowly, and none as more than so many times what is known or guessed.
constexpr double faster_weight = 0.5, slower_weight = 0.2;
constexpr double outlier = 2;
// A size that seems slow is not used, and so not measured again. So with every batch of another size, what is
// known of it comes this much closer to the guess.
constexpr double approach = 0.0002;

double guess(double one_row, std::size_t rows) { return one_row * (1 + row_share * static_cast<double>(rows - 1)); }

}  // namespace

void BatchCosts::record(std::size_t rows, double ms) {
  if (rows == 0 || rows > rows_max || ms <= 0) return;
  double& known = ms_[rows];
  const bool measured = std::ranges::any_of(ms_, [](double each) { return each > 0; });
  const double likely = measured ? cost(rows) : ms;
  const double counted = std::min(ms, outlier * likely);
  known = known == 0 ? counted : known + (counted < known ? faster_weight : slower_weight) * (counted - known);
  approach_guess(rows);
}

void BatchCosts::approach_guess(std::size_t except) {
  for (std::size_t rows = 2; rows <= rows_max; ++rows) {
    const double guessed = guess(ms_[1], rows);
    if (rows != except && ms_[1] > 0 && ms_[rows] > guessed) ms_[rows] -= approach * (ms_[rows] - guessed);
  }
}

double BatchCosts::cost(std::size_t rows) const {
  if (ms_[rows] > 0) return ms_[rows];
  std::size_t below = rows, above = rows;
  while (below > 0 && ms_[below] == 0) --below;
  while (above < rows_max && ms_[above] == 0) ++above;
  const auto distance = [](std::size_t from, std::size_t to) { return static_cast<double>(to - from); };
  if (below > 0 && ms_[above] > 0) {
    const double slope = (ms_[above] - ms_[below]) / distance(below, above);
    return ms_[below] + slope * distance(below, rows);
  }
  if (below > 0) {
    const double one_row = ms_[1] > 0 ? ms_[1] : ms_[below] / guess(1, below);
    const double measured = below > 1 ? (ms_[below] - one_row) / distance(1, below) : 0;
    return ms_[below] + std::max(row_share * one_row, measured) * distance(below, rows);
  }
  return guess(ms_[above] > 0 ? ms_[above] / guess(1, above) : 1, rows);
}

}  // namespace fovea::llama
