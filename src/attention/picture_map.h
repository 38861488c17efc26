// PictureMap: the scores of one image's tiles, laid out on the whole image. Plain values, a pure function.
//
// A model may see an image as one tile, as slices beside each other, or as an overview and slices. A person,
// and the search for regions, need one map. Places are fractions of the image: (0, 0) its top left corner,
// (1, 1) its bottom right.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

struct PictureMap {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::vector<float> scores;  // row by row
};

// A tile's scores on its grid, and the part of the image that the tile shows. It may reach beyond the image,
// where it shows padding. Does not own the scores.
struct PlacedTile {
  double x = 0;  // of its top left corner
  double y = 0;
  double width = 1;
  double height = 1;
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::span<const float> scores;  // row by row
};

// Finer maps show nothing more: the finest tile in use has 64 cells a side, and eight of them beside each
// other have 512.
constexpr std::uint32_t map_side_max = 512;

// The map of the image, as fine as its finest tile in either direction, at most map_side_max. Each cell has
// the mean of the tiles that cover it, each by its cell there, and 0 where none does. Empty for no tiles.
// REQUIRES: every tile has at least one cell, a score for each cell, and a finite place of positive size.
PictureMap picture_map(std::span<const PlacedTile> tiles);

}  // namespace fovea
