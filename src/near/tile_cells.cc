// One pass over the input makes the cells of 4 by 4; the larger ones are made of these. A cell's spread takes
// a second look at its values, which lie in the processor's cache: sums of squares alone would lose small
// noise beside large means.
#include "near/tile_cells.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace fovea {

namespace {

// The place behind cell `index` of `count` cells along a side.
std::uint32_t cell_end(std::uint32_t index, std::uint32_t count, std::uint32_t cell, std::uint32_t side) {
  return index + 1 == count ? side : (index + 1) * cell;
}

CellGrid empty_grid(std::uint32_t columns, std::uint32_t rows) {
  CellGrid grid{.columns = columns, .rows = rows, .mean = {}, .spread = {}};
  grid.mean.resize(cell_channels * grid.cells());
  grid.spread.resize(grid.mean.size());
  return grid;
}

struct Area {
  std::uint32_t left, right, top, bottom;
};

void measure(std::span<const float> channel, std::uint32_t width, const Area& area, float& mean, float& spread) {
  float sum = 0;
  for (std::uint32_t y = area.top; y < area.bottom; ++y) {
    const float* row = channel.data() + std::size_t{y} * width;
    for (std::uint32_t x = area.left; x < area.right; ++x) sum += row[x];
  }
  const auto count = static_cast<float>((area.right - area.left) * (area.bottom - area.top));
  mean = sum / count;
  float squares = 0;
  for (std::uint32_t y = area.top; y < area.bottom; ++y) {
    const float* row = channel.data() + std::size_t{y} * width;
    for (std::uint32_t x = area.left; x < area.right; ++x) squares += (row[x] - mean) * (row[x] - mean);
  }
  spread = std::sqrt(squares / count);
}

std::vector<float> brightness_of(std::span<const float> values) {
  const std::size_t plane = values.size() / tile_channels;
  std::vector<float> bright(plane);
  for (std::size_t i = 0; i < plane; ++i)
    bright[i] = (values[i] + values[plane + i] + values[2 * plane + i]) / tile_channels;
  return bright;
}

CellGrid finest(const TileView& tile) {
  const std::uint32_t side = cell_sides.front();
  CellGrid grid = empty_grid(std::max(1U, tile.width / side), std::max(1U, tile.height / side));
  std::size_t at = 0;
  const std::size_t plane = std::size_t{tile.width} * tile.height;
  const std::vector<float> bright = brightness_of(tile.values);
  for (std::size_t channel = 0; channel < cell_channels; ++channel) {
    const auto values = channel == brightness ? std::span(bright) : tile.values.subspan(channel * plane, plane);
    for (std::uint32_t row = 0; row < grid.rows; ++row) {
      for (std::uint32_t column = 0; column < grid.columns; ++column, ++at) {
        const Area area{column * side, cell_end(column, grid.columns, side, tile.width), row * side,
                        cell_end(row, grid.rows, side, tile.height)};
        measure(values, tile.width, area, grid.mean[at], grid.spread[at]);
      }
    }
  }
  return grid;
}

// Each cell is the mean of two by two.
CellGrid coarser(const CellGrid& fine) {
  CellGrid grid = empty_grid(std::max(1U, fine.columns / 2), std::max(1U, fine.rows / 2));
  std::size_t at = 0;
  for (std::size_t channel = 0; channel < cell_channels; ++channel) {
    for (std::uint32_t row = 0; row < grid.rows; ++row) {
      for (std::uint32_t column = 0; column < grid.columns; ++column, ++at) {
        float count = 0;
        for (std::uint32_t y = row * 2; y < cell_end(row, grid.rows, 2, fine.rows); ++y) {
          for (std::uint32_t x = column * 2; x < cell_end(column, grid.columns, 2, fine.columns); ++x, ++count) {
            const std::size_t part = channel * fine.cells() + std::size_t{y} * fine.columns + x;
            grid.mean[at] += fine.mean[part];
            grid.spread[at] += fine.spread[part];
          }
        }
        grid.mean[at] /= count;
        grid.spread[at] /= count;
      }
    }
  }
  return grid;
}

}  // namespace

std::size_t TileCells::size() const {
  std::size_t size = 0;
  for (const CellGrid& grid : grids) size += grid.mean.size();
  return size;
}

TileCells cells_of(const TileView& tile) {
  check(tile.width > 0 && tile.height > 0, "a tile shows something");
  check(tile.values.size() == tile_channels * tile.width * tile.height,
        "a tile has a value for each channel and place");
  TileCells cells{.width = tile.width, .height = tile.height, .grids = {}};
  cells.grids[0] = finest(tile);
  for (std::size_t i = 1; i < cells.grids.size(); ++i) cells.grids[i] = coarser(cells.grids[i - 1]);
  return cells;
}

}  // namespace fovea
