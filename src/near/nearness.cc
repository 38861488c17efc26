#include "near/nearness.h"

#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>

#include "base/check.h"

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

bool is_still(const CellGrid& reference, const CellGrid& now, const NoiseModel& noise, std::size_t grid,
              float square_max) {
  for (std::size_t i = 0; i < reference.mean.size(); ++i) {
    const float level = reference.mean[i];
    const float mean = now.mean[i] - level;
    if (!(mean * mean <= square_max * noise.variance(grid, CellStatistic::mean, i, level))) return false;
    const float spread = now.spread[i] - reference.spread[i];
    if (!(spread * spread <= square_max * noise.variance(grid, CellStatistic::spread, i, level))) return false;
  }
  return true;
}

}  // namespace

// By bisection, since it is asked once for a size of tiles.
float threshold_for(std::size_t values) {
  const double beyond = false_alarm / static_cast<double>(values);
  double low = 0, high = 40;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::numbers::sqrt2) > beyond ? low : high) = middle;
  }
  return static_cast<float>(high);
}

// Both frames have noise, so a difference has twice its variance.
Nearness nearness(const TileCells& reference, const TileCells& now, const NoiseModel& noise, float threshold) {
  check(reference.width == now.width && reference.height == now.height, "frames of a source have one size");
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    if (!is_still(reference.grids[grid], now.grids[grid], noise, grid, 2 * threshold * threshold))
      return Nearness::changed;
  }
  for (std::size_t channel = 0; channel < tile_channels; ++channel) {
    const float shift = mean_shift(reference.grids.back(), now.grids.back(), channel);
    if (!(shift <= drift_max * noise.cell_noise())) return Nearness::lighter;
  }
  return Nearness::near;
}

}  // namespace fovea
