// Every cell of the map takes the tile's cell under its middle, so tiles are neither blended nor
// interpolated. Edges of tiles that touch are rounded alike, or a cell between them would get two tiles or
// none.
#include "attention/picture_map.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "attention/mass.h"
#include "base/check.h"

namespace fovea {

namespace {

void check_tile(const PlacedTile& tile) {
  check(tile.columns > 0 && tile.rows > 0, "a tile has cells");
  check(tile.scores.size() == static_cast<std::uint64_t>(tile.columns) * tile.rows, "a tile has a score for each cell");
  check(std::isfinite(tile.x) && std::isfinite(tile.y), "a tile is at a place");
  check(tile.width > 0 && std::isfinite(tile.width) && tile.height > 0 && std::isfinite(tile.height),
        "a tile shows something");
}

// How many cells the map needs to be as fine as `cells` cells on a part `extent` of it. A third of an image
// is not exactly 1.0 / 3, which must not make a map of 25 cells instead of 24.
std::uint32_t side_for(std::uint32_t cells, double extent) {
  constexpr double rounding = 1e-6;
  const double side = std::ceil(cells / extent * (1 - rounding));
  return static_cast<std::uint32_t>(std::clamp(side, 1.0, static_cast<double>(map_side_max)));
}

// The first of `side` cells whose middle is at or after `edge`: where a tile begins, and where the one before
// it ends. The tolerance makes tiles that touch agree.
std::uint32_t first_cell(double edge, std::uint32_t side) {
  constexpr double tolerance = 1e-9;
  return static_cast<std::uint32_t>(
      std::clamp(std::ceil(edge * side - 0.5 - tolerance), 0.0, static_cast<double>(side)));
}

// Which of a tile's `cells` cells lies under the middle of the map's cell `at`.
std::uint32_t cell_under(std::uint32_t at, std::uint32_t side, double start, double extent, std::uint32_t cells) {
  const double within = ((at + 0.5) / side - start) / extent * cells;
  return static_cast<std::uint32_t>(std::clamp(std::floor(within), 0.0, cells - 1.0));
}

void lay(const PlacedTile& tile, PictureMap& sums, std::vector<std::uint32_t>& tiles_at) {
  const std::uint32_t right = first_cell(tile.x + tile.width, sums.columns);
  const std::uint32_t bottom = first_cell(tile.y + tile.height, sums.rows);
  for (std::uint32_t row = first_cell(tile.y, sums.rows); row < bottom; ++row) {
    const std::size_t from = cell_under(row, sums.rows, tile.y, tile.height, tile.rows);
    for (std::uint32_t column = first_cell(tile.x, sums.columns); column < right; ++column) {
      const std::size_t at = static_cast<std::size_t>(row) * sums.columns + column;
      const std::uint32_t cell = cell_under(column, sums.columns, tile.x, tile.width, tile.columns);
      sums.scores[at] += mass(tile.scores[from * tile.columns + cell]);
      ++tiles_at[at];
    }
  }
}

}  // namespace

PictureMap picture_map(std::span<const PlacedTile> tiles) {
  PictureMap map;
  for (const PlacedTile& tile : tiles) {
    check_tile(tile);
    map.columns = std::max(map.columns, side_for(tile.columns, tile.width));
    map.rows = std::max(map.rows, side_for(tile.rows, tile.height));
  }
  map.scores.resize(static_cast<std::size_t>(map.columns) * map.rows);
  std::vector<std::uint32_t> tiles_at(map.scores.size());
  for (const PlacedTile& tile : tiles) lay(tile, map, tiles_at);
  for (std::size_t at = 0; at < map.scores.size(); ++at)
    map.scores[at] /= static_cast<float>(std::max(1U, tiles_at[at]));
  return map;
}

}  // namespace fovea
