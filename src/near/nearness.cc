#include "near/nearness.h"

#include <cmath>
#include <numeric>
#include <span>
#include <vector>

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
  for (const auto statistic : {CellStatistic::mean, CellStatistic::spread}) {
    const std::vector<float>& from = values_of(reference, statistic);
    const std::vector<float>& to = values_of(now, statistic);
    for (std::size_t i = 0; i < from.size(); ++i) {
      const float difference = to[i] - from[i];
      if (!(difference * difference <= square_max * noise.variance(grid, statistic, i, reference))) return false;
    }
  }
  return true;
}

}  // namespace

Nearness nearness(const TileCells& reference, const TileCells& now, const NoiseModel& noise) {
  check(reference.width == now.width && reference.height == now.height, "frames of a source have one size");
  const float threshold = largest_of_normal(cell_statistics * reference.size(), false_alarm);
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    if (!is_still(reference.grids[grid], now.grids[grid], noise, grid, threshold)) return Nearness::changed;
  }
  for (std::size_t channel = 0; channel < cell_channels; ++channel) {
    const float shift = mean_shift(reference.grids.back(), now.grids.back(), channel);
    if (!(shift <= drift_max * noise.cell_noise())) return Nearness::lighter;
  }
  return Nearness::near;
}

}  // namespace fovea
