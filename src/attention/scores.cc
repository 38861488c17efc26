// Three passes over the tokens: importance relative to the greatest of each kind, the mean of each visual
// token and its neighbours, and the weighted sum. All in doubles; only the scores are floats.
#include "attention/scores.h"

#include <algorithm>
#include <cstddef>

#include "attention/mass.h"
#include "base/check.h"

namespace fovea {

namespace {

void divide_by(double greatest, std::span<double> values) {
  for (double& value : values) value = greatest > 0 ? value / greatest : 0;
}

// The importance of each token of the runs, divided by the greatest of its kind.
std::vector<double> relative_importance(std::span<const double> importance, std::span<const TokenRun> runs) {
  std::vector<double> relative(token_count(runs));
  const std::size_t known = std::min(importance.size(), relative.size());
  std::ranges::transform(importance.first(known), relative.begin(), mass<double>);
  double greatest[2] = {0, 0};  // of text, of visual tokens
  for (const TokenRun& run : runs) {
    const std::span values = std::span(relative).subspan(run.first, run.count);
    greatest[run.visual] = std::max(greatest[run.visual], std::ranges::max(values));
  }
  for (const TokenRun& run : runs) divide_by(greatest[run.visual], std::span(relative).subspan(run.first, run.count));
  return relative;
}

// The mean of a cell and its neighbours inside the grid.
double mean_around(std::uint32_t column, std::uint32_t row, std::span<const double> cells, const TokenRun& grid) {
  const std::uint32_t left = column - (column > 0 ? 1 : 0);
  const std::uint32_t top = row - (row > 0 ? 1 : 0);
  const std::uint32_t right = std::min(column + 1, grid.columns - 1);
  const std::uint32_t bottom = std::min(row + 1, grid.rows - 1);
  double sum = 0;
  for (std::uint32_t y = top; y <= bottom; ++y) {
    for (std::uint32_t x = left; x <= right; ++x) sum += cells[static_cast<std::size_t>(y) * grid.columns + x];
  }
  return sum / ((right - left + 1) * (bottom - top + 1));
}

// The concentration of each visual token; 0 for text.
std::vector<double> spatial_concentration(std::span<const double> relative, std::span<const TokenRun> runs) {
  std::vector<double> concentration(relative.size());
  double greatest = 0;
  for (const TokenRun& run : runs) {
    if (!run.visual) continue;
    const std::span cells = relative.subspan(run.first, run.count);
    for (std::uint32_t cell = 0; cell < run.count; ++cell) {
      const double mean = mean_around(cell % run.columns, cell / run.columns, cells, run);
      concentration[run.first + cell] = mean;
      greatest = std::max(greatest, mean);
    }
  }
  divide_by(greatest, concentration);
  return concentration;
}

std::uint32_t text_token_count(std::span<const TokenRun> runs) {
  std::uint32_t count = 0;
  for (const TokenRun& run : runs) count += run.visual ? 0 : run.count;
  return count;
}

// So no score is above 1: the terms are not, and rounding keeps order.
static_assert(visual_importance_weight + visual_concentration_weight <= 1);
static_assert(text_importance_weight + text_recency_weight <= 1);

}  // namespace

std::vector<float> token_scores(std::span<const double> importance, std::span<const TokenRun> runs) {
  check(are_sound(runs), "the runs of a request follow one another");
  const std::vector<double> relative = relative_importance(importance, runs);
  const std::vector<double> concentration = spatial_concentration(relative, runs);
  const std::uint32_t text_tokens = text_token_count(runs);
  std::uint32_t text_so_far = 0;
  std::vector<float> scores(relative.size());
  for (const TokenRun& run : runs) {
    for (std::uint32_t at = run.first; at < run.first + run.count; ++at) {
      double score = 0;
      if (run.visual) {
        score = visual_importance_weight * relative[at] + visual_concentration_weight * concentration[at];
      } else {
        const double recency = static_cast<double>(++text_so_far) / text_tokens;
        score = text_importance_weight * relative[at] + text_recency_weight * recency;
      }
      scores[at] = static_cast<float>(score);
    }
  }
  return scores;
}

}  // namespace fovea
