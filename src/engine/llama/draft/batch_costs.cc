#include "engine/llama/draft/batch_costs.h"

#include <algorithm>

namespace fovea::llama {

namespace {

// A further row's part of a batch of one row, where no larger batch was measured: a cautious guess. On two
// cores and a small model 2, 4 and 8 rows took 1.4, 1.9 and 3.4 times as long as one.
constexpr double row_share = 0.4;
constexpr double newest_weight = 0.1;
// A batch that waited for the processor says nothing about its rows. One that is slower than so many times
// what is known counts as that.
constexpr double outlier = 2;

}  // namespace

void BatchCosts::record(std::size_t rows, double ms) {
  if (rows == 0 || rows > rows_max || ms <= 0) return;
  double& known = ms_[rows];
  known = known == 0 ? ms : known + newest_weight * (std::min(ms, outlier * known) - known);
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
    const double one_row = ms_[1] > 0 ? ms_[1] : ms_[below] / (1 + row_share * distance(1, below));
    return ms_[below] + row_share * one_row * distance(below, rows);
  }
  const double one_row = ms_[above] > 0 ? ms_[above] / (1 + row_share * distance(1, above)) : 1;
  return one_row * (1 + row_share * distance(1, rows));
}

}  // namespace fovea::llama
