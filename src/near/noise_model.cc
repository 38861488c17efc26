// The median over the last pairs is the model, so that short motion leaves it alone; but never more than
// twice what the last three pairs say, so that a source that becomes quiet does not hide things behind its
// earlier noise. Each cell's variance beside that model is a mean over about as many pairs.
//
// Rejected: a bound on a cell's own variance instead of comparing it with cells of as much contrast. One that
// is wide enough for JPEG's edges takes a display's digits for noise, and one that sees these encodes nearly
// all of JPEG's frames. And looking harder at places where things change, instead of using no noise with such
// places in it: through JPEG a 1 and a 7 are too much alike.
#include "near/noise_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace fovea {

namespace {

// The mean of 16 by 16 values has a sixteenth of the variance of one of 4 by 4 if the noise is not
// correlated. More than this is change of larger parts.
constexpr float kept_by_averaging_max = 0.5F;
// Once a mean is over pairs_kept pairs, one more makes a cell's own variance at most half as large again.
constexpr float growth = 8;
// A change counts as this many variances at most.
constexpr float squares_max = 2000;
// With fewer numbers, cells of much and of little contrast are not told apart.
constexpr std::size_t halves_min = 200;

// The value that `share` of them do not exceed.
float quantile_of(std::vector<float>& values, double share) {
  const auto rank = static_cast<double>(values.size() - 1) * share;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::ranges::nth_element(values, at);
  return *at;
}

// A value that is no number makes the mean of its cell none, and one that is too large its spread.
bool is_finite(const TileCells& cells) {
  const auto finite = [](float value) { return std::isfinite(value); };
  const CellGrid& largest = cells.grids.back();
  return std::ranges::all_of(largest.mean, finite) && std::ranges::all_of(largest.spread, finite);
}

}  // namespace

void NoiseModel::learn(const TileCells& before, const TileCells& now) {
  check(before.width == now.width && before.height == now.height, "frames of a source have one size");
  if (!is_finite(before) || !is_finite(now)) return;
  const auto noise = pair_noise(before, now);
  if (!noise) {
    if (++unmoved_ == pairs_min) pairs_ = next_ = 0;
    return;
  }
  unmoved_ = 0;
  kept_[next_] = *noise;
  next_ = (next_ + 1) % pairs_kept;
  pairs_ = std::min(pairs_ + 1, pairs_kept);
  summarise();
  learn_cells(before, now);
}

void NoiseModel::summarise() {
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    for (const auto statistic : {CellStatistic::mean, CellStatistic::spread}) {
      const auto which = static_cast<std::size_t>(statistic);
      for (const auto kind : {&CellsNoise::colour, &CellsNoise::bright}) {
        const auto middle = [&](float NoiseLine::* part, std::size_t last) {
          std::vector<float> values;
          for (std::size_t i = 1; i <= std::min(last, pairs_); ++i)
            values.push_back(kept_[(next_ + pairs_kept - i) % pairs_kept][grid][which].*kind.*part);
          return quantile_of(values, 0.5);
        };
        const float least = floor(grid, statistic, kind == &CellsNoise::bright);
        NoiseLine& line = model_[grid][which].*kind;
        line.dark_level = middle(&NoiseLine::dark_level, pairs_kept);
        line.bright_level = middle(&NoiseLine::bright_level, pairs_kept);
        for (const auto part : {&NoiseLine::dark, &NoiseLine::bright})
          line.*part = std::max(least, std::min(middle(part, pairs_kept), 2 * middle(part, 3)));
      }
    }
  }
}

void NoiseModel::learn_cells(const TileCells& before, const TileCells& now) {
  const float weight = 1.0F / static_cast<float>(pairs_);
  changing_ = 0;
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    for (const auto statistic : {CellStatistic::mean, CellStatistic::spread}) {
      const CellGrid& from = before.grids[grid];
      const CellGrid& to = now.grids[grid];
      const std::vector<float>& a = values_of(from, statistic);
      const std::vector<float>& b = values_of(to, statistic);
      const CellsNoise& model = model_[grid][static_cast<std::size_t>(statistic)];
      Cells& cells = cells_[grid][static_cast<std::size_t>(statistic)];
      cells.own.resize(a.size(), 1.0F);
      cells.change.resize(a.size(), 1.0F);
      for (std::size_t i = 0; i < a.size(); ++i) {
        const float difference = b[i] - a[i];
        const float square = difference * difference / 2 / model.of(from.channel_of(i)).at(from.mean[i]);
        float& own = cells.own[i];
        own += weight * (std::min(square, growth * std::max(1.0F, own)) - own);
        cells.change[i] += weight * (std::min(square, squares_max) - cells.change[i]);
      }
      learn_usual(cells, to);
      for (std::size_t i = 0; i < a.size(); ++i) changing_ += cells.changing(i, to.spread[i]) ? 1 : 0;
    }
  }
}

void NoiseModel::learn_usual(Cells& cells, const CellGrid& grid) {
  std::vector<float> spreads = grid.spread;
  cells.contrast = spreads.size() < halves_min ? std::numeric_limits<float>::max() : quantile_of(spreads, 0.5);
  std::array<std::vector<float>, 2> halves;
  for (std::size_t i = 0; i < cells.change.size(); ++i)
    halves[grid.spread[i] > cells.contrast ? 1 : 0].push_back(cells.change[i]);
  for (std::size_t half = 0; half < halves.size(); ++half)
    cells.usual[half] = halves[half].empty() ? 1.0F : std::max(1.0F, quantile_of(halves[half], usual_share));
}

// A value is rounded to a level, which alone has a twelfth of a level's square as variance.
float NoiseModel::floor(std::size_t grid, CellStatistic statistic, bool bright) const {
  const std::size_t side = cell_sides[grid], channels = bright ? tile_channels : 1;
  const auto values = static_cast<float>(side * side * channels);
  const float rounding = level_ * level_ / 12 / values;
  return statistic == CellStatistic::mean ? rounding : rounding / 2;
}

bool NoiseModel::usable() const {
  if (!learnt()) return false;
  if (changing_ > changing_max) return false;
  const NoiseLine& small = model_.front().front().colour;
  const NoiseLine& large = model_.back().front().colour;
  const float most = std::max(small.dark, small.bright);
  const float usual = std::ranges::max(cells_.front().front().usual);
  return most * usual <= levels_max * levels_max * level_ * level_ &&
         std::max(large.dark, large.bright) <= kept_by_averaging_max * most;
}

// The few numbers that may change are allowed what the model says alone.
float NoiseModel::variance(std::size_t grid, CellStatistic statistic, std::size_t index, const CellGrid& cells) const {
  const auto which = static_cast<std::size_t>(statistic);
  const Cells& learnt = cells_[grid][which];
  const float model = model_[grid][which].of(cells.channel_of(index)).at(cells.mean[index]);
  const float spread = cells.spread[index];
  return learnt.changing(index, spread) ? model : model * std::max(learnt.usual_of(spread), learnt.own[index]);
}

float NoiseModel::cell_noise() const {
  const NoiseLine& small = model_.front().front().colour;
  return std::sqrt((small.dark + small.bright) / 2);
}

}  // namespace fovea
