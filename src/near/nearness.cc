#include "near/nearness.h"

#include <cmath>
#include <numeric>
#include <span>

#include "base/check.h"
#include "near/normal_values.h"

namespace fovea {

namespace {

// How far a channel's mean went.
float mean_shift(const CellGrid& from, const CellGrid& to, std::size_t channel) {
  const auto mean = [&](const CellGrid& grid) {
    const auto values = std::span(grid.mean).subspan(channel * grid.cells(), grid.cells());
    return std::accumulate(values.begin(), values.end(), 0.0F) / static_cast<float>(values.size());
  };
  return std::abs(mean(to) - mean(from));
}

// `threshold` is in standard deviations of a difference of two normal values, which has twice their variance.
bool is_still(const CellGrid& reference, const CellGrid& now, const NoiseModel& noise, std::size_t grid,
              float threshold) {
  const float square_max = 2 * threshold * threshold;
  for (std::size_t i = 0; i < reference.mean.size(); ++i) {
    const float level = reference.mean[i];
    const float mean = now.mean[i] - level;
    const float mean_noise = noise.variance(grid, CellStatistic::mean, i, level);
    if (!(mean * mean <= square_max * mean_noise)) return false;
    const float spread = now.spread[i] - reference.spread[i];
    const float spread_noise = noise.variance(grid, CellStatistic::spread, i, level);
    if (!(spread * spread <= square_max * spread_noise)) return false;
  }
  return true;
}

}  // namespace

Nearness nearness(const TileCells& reference, const TileCells& now, const NoiseModel& noise) {
  check(reference.width == now.width && reference.height == now.height, "frames of a source have one size");
  const float threshold = largest_of_normal(2 * reference.size(), false_alarm);
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    if (!is_still(reference.grids[grid], now.grids[grid], noise, grid, threshold)) return Nearness::changed;
  }
  for (std::size_t channel = 0; channel < tile_channels; ++channel) {
    const float shift = mean_shift(reference.grids.back(), now.grids.back(), channel);
    if (!(shift <= drift_max * noise.cell_noise())) return Nearness::lighter;
  }
  return Nearness::near;
}

}  // namespace fovea
