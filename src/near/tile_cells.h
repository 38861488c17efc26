// TileCells: a tile's input in cells of 4, 8 and 16 values a side: of each cell the mean, and the spread
// around it, in each channel and in brightness, the mean of the channels. Plain values, pure functions.
//
// It is what is kept of a tile to compare later ones with: less than a quarter of its input's bytes, and
// exact enough, since a thing that comes or goes changes means or spreads of some cell. Brightness has less
// noise than a channel where theirs are independent, so it shows fainter things.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

inline constexpr std::size_t tile_channels = 3;
inline constexpr std::size_t brightness = tile_channels;         // its number behind the channels
inline constexpr std::size_t cell_channels = tile_channels + 1;  // brightness included

// What the encoder is fed of a tile: values by channel, each row by row. Owns nothing.
struct TileView {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::span<const float> values;
};

// Values to a cell's side, by grid. A thing fills most of a cell of some grid, and noise is the smaller
// beside it the larger the cell.
inline constexpr std::array<std::uint32_t, 3> cell_sides{4, 8, 16};

// The cells of one size. Where a side is no multiple of theirs, the last ones are larger.
struct CellGrid {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::vector<float> mean;    // by channel, each row by row
  std::vector<float> spread;  // standard deviation; of larger cells, the mean of that of their parts

  std::size_t cells() const { return std::size_t{columns} * rows; }  // of one channel
  std::size_t channel_of(std::size_t index) const { return index / cells(); }
};

struct TileCells {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::array<CellGrid, cell_sides.size()> grids;

  // Numbers in all of the means, and as many in all of the spreads.
  std::size_t size() const;
};

// REQUIRES: neither side is 0, and there are tile_channels * width * height values.
TileCells cells_of(const TileView& tile);

}  // namespace fovea
