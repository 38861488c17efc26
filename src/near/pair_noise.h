// pair_noise: how much the cells of two consecutive frames differ while nothing happens, by level: the
// variance of one frame's value, for each size of cells, of means and of spreads, of channels and of
// brightness. A pure function.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "near/tile_cells.h"

namespace fovea {

enum class CellStatistic : std::uint8_t { mean, spread };
inline constexpr std::size_t cell_statistics = 2;

const std::vector<float>& values_of(const CellGrid& grid, CellStatistic statistic);

// The variance of dark and of bright cells, and their levels. Between and around them it is a line.
struct NoiseLine {
  float dark_level = 0, dark = 0, bright_level = 0, bright = 0;
  float at(float level) const;
};

// The channels' noise, and that of brightness.
struct CellsNoise {
  NoiseLine colour, bright;
  const NoiseLine& of(std::size_t channel) const { return channel == brightness ? bright : colour; }
};
using PairNoise = std::array<std::array<CellsNoise, cell_statistics>, cell_sides.size()>;  // by grid

// Empty where the pair tells nothing: too little of it changed at all.
// REQUIRES: both have one size.
std::optional<PairNoise> pair_noise(const TileCells& before, const TileCells& now);

}  // namespace fovea
