// A pair of frames is measured in areas of 16 by 16 values, each channel apart: the mean of the squared
// differences in an area is a variance, and the median over areas is not moved by things in fewer than half
// of them. Dark and bright areas are measured apart, which gives two points of a line.
//
// Brightness that changes everywhere is taken out first. Areas without any change are left out: they are bars
// beside the picture, or saturated. Rejected: differences of neighbouring values in one frame (texture is
// taken for noise), and the median of single differences (JPEG leaves more than half of them 0).
#include "near/pair_noise.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/check.h"

namespace fovea {

namespace {

// With fewer areas that change, a thing moved in a still picture without noise.
constexpr std::size_t areas_min = 8;
// A line is not followed further beyond its two points.
constexpr float extrapolation = 2;

float median_of(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The median of a mean of `count` squares of normal values of variance 1 (Wilson and Hilferty).
float median_of_squares(float count) { return std::pow(1 - 2 / (9 * count), 3.0F); }

using Shifts = std::array<float, cell_channels>;

// How much brighter each channel became: the median over the largest cells.
Shifts shifts(const TileCells& before, const TileCells& now) {
  const CellGrid& from = before.grids.back();
  const CellGrid& to = now.grids.back();
  Shifts shift{};
  for (std::size_t channel = 0; channel < cell_channels; ++channel) {
    std::vector<float> differences(from.cells());
    for (std::size_t i = 0; i < differences.size(); ++i) {
      const std::size_t at = channel * from.cells() + i;
      differences[i] = to.mean[at] - from.mean[at];
    }
    shift[channel] = median_of(differences);
  }
  return shift;
}

struct AreaNoise {
  float level, variance;
};

// The variance of one frame's values in each area that changed at all, of channels from `first` to `last`.
std::vector<AreaNoise> areas_of(const TileCells& before, const TileCells& now, std::size_t grid,
                                CellStatistic statistic, const Shifts& shift, std::size_t first, std::size_t last) {
  const CellGrid& from = before.grids[grid];
  const CellGrid& large = before.grids.back();
  const std::vector<float>& a = values_of(from, statistic);
  const std::vector<float>& b = values_of(now.grids[grid], statistic);
  const std::uint32_t factor = cell_sides.back() / cell_sides[grid];
  std::vector<AreaNoise> areas;
  areas.reserve((last - first) * large.cells());
  for (std::size_t channel = first; channel < last; ++channel) {
    const float shifted = statistic == CellStatistic::mean ? shift[channel] : 0;
    for (std::uint32_t row = 0; row < large.rows; ++row) {
      for (std::uint32_t column = 0; column < large.columns; ++column) {
        float sum = 0, count = 0;
        bool changed = false;
        for (std::uint32_t y = row * factor; y < std::min((row + 1) * factor, from.rows); ++y) {
          for (std::uint32_t x = column * factor; x < std::min((column + 1) * factor, from.columns); ++x, ++count) {
            const std::size_t at = channel * from.cells() + std::size_t{y} * from.columns + x;
            changed = changed || a[at] != b[at];
            const float difference = b[at] - a[at] - shifted;
            sum += difference * difference;
          }
        }
        if (!changed) continue;
        const float level = large.mean[channel * large.cells() + std::size_t{row} * large.columns + column];
        areas.push_back({level, sum / (2 * count) / median_of_squares(count)});
      }
    }
  }
  return areas;
}

// The medians of levels and variances.
std::pair<float, float> centre(std::span<const AreaNoise> areas) {
  std::vector<float> levels, variances;
  for (const AreaNoise& area : areas) {
    levels.push_back(area.level);
    variances.push_back(area.variance);
  }
  return {median_of(levels), median_of(variances)};
}

// Empty where too few areas changed.
std::optional<NoiseLine> line_of(std::vector<AreaNoise> areas, std::size_t all) {
  if (areas.size() < std::min(areas_min, all)) return std::nullopt;
  std::ranges::sort(areas, {}, &AreaNoise::level);
  const std::size_t half = (areas.size() + 1) / 2;
  const auto [dark_level, dark] = centre(std::span(areas).first(half));
  const auto [bright_level, bright] = centre(std::span(areas).last(half));
  return NoiseLine{dark_level, dark, bright_level, bright};
}

}  // namespace

const std::vector<float>& values_of(const CellGrid& grid, CellStatistic statistic) {
  return statistic == CellStatistic::mean ? grid.mean : grid.spread;
}

float NoiseLine::at(float level) const {
  const float range = bright_level - dark_level;
  const float least = std::min(dark, bright), most = std::max(dark, bright);
  if (!(range > 0)) return most;
  const float value = dark + (bright - dark) * (level - dark_level) / range;
  return std::clamp(value, least / extrapolation, most * extrapolation);
}

std::optional<PairNoise> pair_noise(const TileCells& before, const TileCells& now) {
  check(before.width == now.width && before.height == now.height, "frames of a source have one size");
  const Shifts shift = shifts(before, now);
  const std::size_t areas = before.grids.back().cells();
  PairNoise noise;
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    for (const auto statistic : {CellStatistic::mean, CellStatistic::spread}) {
      const auto colour =
          line_of(areas_of(before, now, grid, statistic, shift, 0, tile_channels), tile_channels * areas);
      const auto bright = line_of(areas_of(before, now, grid, statistic, shift, brightness, cell_channels), areas);
      if (!colour || !bright) return std::nullopt;
      noise[grid][static_cast<std::size_t>(statistic)] = {*colour, *bright};
    }
  }
  return noise;
}

}  // namespace fovea
