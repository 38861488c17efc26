// A pair of frames is measured in areas of 16 by 16 values, each channel apart: the mean of the squared
// differences in an area is a variance, and the median over areas is not moved by things in fewer than half
// of them. Dark and bright areas are measured apart, which gives two points of a line. The median over the
// last pairs is the model, so that short motion leaves it alone; but never more than twice what the last
// three pairs say, so that a source that becomes quiet does not hide things behind its earlier noise.
//
// Brightness that changes everywhere is taken out first. Areas without any change are left out: they are bars
// beside the picture, or saturated. Rejected: differences of neighbouring values in one frame (texture is
// taken for noise), and the median of single differences (JPEG leaves more than half of them 0).
#include "near/noise_model.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/check.h"
#include "near/normal_values.h"

namespace fovea {

namespace {

// Of the weight of a new frame in a cell's own variance.
constexpr float cell_weight = 1.0F / 16;
// With fewer areas that change, a thing moved in a still picture without noise.
constexpr std::size_t areas_min = 8;
// The mean of 16 by 16 values has a sixteenth of the variance of one of 4 by 4 if the noise is not
// correlated. More than this is change of larger parts.
constexpr float kept_by_averaging_max = 0.5F;
// A line is not followed further beyond its two points.
constexpr float extrapolation = 2;

float median_of(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The median of a mean of `count` squares of normal values of variance 1 (Wilson and Hilferty).
float median_of_squares(float count) { return std::pow(1 - 2 / (9 * count), 3.0F); }

const std::vector<float>& values_of(const CellGrid& grid, std::size_t statistic) {
  return statistic == 0 ? grid.mean : grid.spread;
}

// How much brighter each channel became: the median over the largest cells.
std::array<float, tile_channels> shifts(const TileCells& before, const TileCells& now) {
  const CellGrid& from = before.grids.back();
  const CellGrid& to = now.grids.back();
  std::array<float, tile_channels> shift{};
  for (std::size_t channel = 0; channel < tile_channels; ++channel) {
    std::vector<float> differences(from.cells());
    for (std::size_t i = 0; i < differences.size(); ++i) {
      const std::size_t at = channel * from.cells() + i;
      differences[i] = to.mean[at] - from.mean[at];
    }
    shift[channel] = median_of(differences);
  }
  return shift;
}

// A value that is no number makes the mean of its cell none.
bool is_finite(const TileCells& cells) {
  return std::ranges::all_of(cells.grids.back().mean, [](float mean) { return std::isfinite(mean); });
}

struct AreaNoise {
  float level, variance;
};

// The variance of one frame's values in each area and channel that changed at all.
std::vector<AreaNoise> areas_of(const TileCells& before, const TileCells& now, std::size_t grid, std::size_t statistic,
                                const std::array<float, tile_channels>& shift) {
  const CellGrid& from = before.grids[grid];
  const CellGrid& large = before.grids.back();
  const std::vector<float>& a = values_of(from, statistic);
  const std::vector<float>& b = values_of(now.grids[grid], statistic);
  const std::uint32_t factor = cell_sides.back() / cell_sides[grid];
  std::vector<AreaNoise> areas;
  areas.reserve(tile_channels * large.cells());
  for (std::size_t channel = 0; channel < tile_channels; ++channel) {
    const float shifted = statistic == 0 ? shift[channel] : 0;
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

}  // namespace

float NoiseModel::Line::at(float level) const {
  const float range = bright_level - dark_level;
  const float least = std::min(dark, bright), most = std::max(dark, bright);
  if (!(range > 0)) return most;
  const float value = dark + (bright - dark) * (level - dark_level) / range;
  return std::clamp(value, least / extrapolation, most * extrapolation);
}

// False where the pair tells nothing.
bool NoiseModel::measure(const TileCells& before, const TileCells& now, Lines& lines) {
  const auto shift = shifts(before, now);
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    for (std::size_t statistic = 0; statistic < cell_statistics; ++statistic) {
      auto areas = areas_of(before, now, grid, statistic, shift);
      if (areas.size() < std::min(areas_min, tile_channels * before.grids.back().cells())) return false;
      std::ranges::sort(areas, {}, &AreaNoise::level);
      const std::size_t half = (areas.size() + 1) / 2;
      const auto [dark_level, dark] = centre(std::span(areas).first(half));
      const auto [bright_level, bright] = centre(std::span(areas).last(half));
      lines[grid][statistic] = {dark_level, dark, bright_level, bright};
    }
  }
  return true;
}

void NoiseModel::learn(const TileCells& before, const TileCells& now) {
  check(before.width == now.width && before.height == now.height, "frames of a source have one size");
  if (!is_finite(before) || !is_finite(now)) return;
  Lines lines;
  if (!measure(before, now, lines)) {
    if (++unmoved_ == pairs_min) pairs_ = next_ = 0;
    return;
  }
  unmoved_ = 0;
  largest_[next_] = pairs_ > 0 ? largest(before, now) : Largest{};
  kept_[next_] = lines;
  next_ = (next_ + 1) % pairs_kept;
  pairs_ = std::min(pairs_ + 1, pairs_kept);
  summarise();
  learn_tails();
  learn_cells(before, now);
}

NoiseModel::Largest NoiseModel::largest(const TileCells& before, const TileCells& now) const {
  Largest most{};
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    for (std::size_t statistic = 0; statistic < cell_statistics; ++statistic) {
      const std::vector<float>& a = values_of(before.grids[grid], statistic);
      const std::vector<float>& b = values_of(now.grids[grid], statistic);
      const std::vector<float>& restless = restless_[grid][statistic];
      float square = 0;
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (restless[i] > restless_noise_max) continue;
        const float difference = b[i] - a[i];
        const float of = model_[grid][statistic].at(before.grids[grid].mean[i]) * std::max(1.0F, restless[i]);
        square = std::max(square, difference * difference / of);
      }
      most[grid][statistic] = std::sqrt(square / 2);
    }
  }
  return most;
}

// The upper quartile over the last pairs, beside that of the largest of so many normal values: things that
// move in fewer than a quarter of the frames leave it alone.
void NoiseModel::learn_tails() {
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    for (std::size_t statistic = 0; statistic < cell_statistics; ++statistic) {
      std::vector<float> values;
      for (std::size_t i = 0; i < pairs_; ++i) values.push_back(largest_[i][grid][statistic]);
      std::ranges::sort(values);
      const float quartile = values[(values.size() * 3 - 1) / 4];
      const std::size_t count = restless_[grid][statistic].size();
      const float normal = largest_of_normal(std::max<std::size_t>(1, count), 0.25);
      tails_[grid][statistic] = std::clamp(quartile / normal, 1.0F, tail_max);
    }
  }
}

void NoiseModel::summarise() {
  const auto middle = [&](std::size_t grid, std::size_t statistic, float Line::* part, std::size_t last) {
    std::vector<float> values;
    for (std::size_t i = 1; i <= std::min(last, pairs_); ++i)
      values.push_back(kept_[(next_ + pairs_kept - i) % pairs_kept][grid][statistic].*part);
    return median_of(values);
  };
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    for (std::size_t statistic = 0; statistic < cell_statistics; ++statistic) {
      Line& line = model_[grid][statistic];
      line.dark_level = middle(grid, statistic, &Line::dark_level, pairs_kept);
      line.bright_level = middle(grid, statistic, &Line::bright_level, pairs_kept);
      for (const auto part : {&Line::dark, &Line::bright}) {
        const float least = floor(grid, statistic);
        line.*part =
            std::max(least, std::min(middle(grid, statistic, part, pairs_kept), 2 * middle(grid, statistic, part, 3)));
      }
    }
  }
}

// Each difference counts up to a bound, so that what passes by once leaves little.
void NoiseModel::learn_cells(const TileCells& before, const TileCells& now) {
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    for (std::size_t statistic = 0; statistic < cell_statistics; ++statistic) {
      const std::vector<float>& a = values_of(before.grids[grid], statistic);
      const std::vector<float>& b = values_of(now.grids[grid], statistic);
      std::vector<float>& restless = restless_[grid][statistic];
      restless.resize(a.size(), 1.0F);
      for (std::size_t i = 0; i < a.size(); ++i) {
        const float difference = b[i] - a[i];
        const float square = difference * difference / 2 / model_[grid][statistic].at(before.grids[grid].mean[i]);
        restless[i] += cell_weight * (std::min(square, restless_max) - restless[i]);
      }
    }
  }
}

// A value is rounded to a level, which alone has a twelfth of a level's square as variance.
float NoiseModel::floor(std::size_t grid, std::size_t statistic) const {
  const auto values = static_cast<float>(cell_sides[grid] * cell_sides[grid]);
  const float rounding = level_ * level_ / 12 / values;
  return statistic == 0 ? rounding : rounding / 2;
}

bool NoiseModel::usable() const {
  if (!learnt()) return false;
  const Line& small = model_.front()[0];
  const Line& large = model_.back()[0];
  const float most = std::max(small.dark, small.bright);
  return most <= levels_max * levels_max * level_ * level_ &&
         std::max(large.dark, large.bright) <= kept_by_averaging_max * most;
}

float NoiseModel::variance(std::size_t grid, CellStatistic statistic, std::size_t index, float mean) const {
  const auto which = static_cast<std::size_t>(statistic);
  const float tail = tails_[grid][which];
  const float restless = restless_[grid][which][index];
  const float own = restless > restless_noise_max ? 1 : std::max(1.0F, restless);
  return model_[grid][which].at(mean) * std::min(own * tail * tail, allowance_max * allowance_max);
}

float NoiseModel::tail(std::size_t grid, CellStatistic statistic) const {
  return tails_[grid][static_cast<std::size_t>(statistic)];
}

float NoiseModel::cell_noise() const {
  const Line& small = model_.front()[0];
  return std::sqrt((small.dark + small.bright) / 2);
}

}  // namespace fovea
