// Regions: where on a picture the model looked most, as a few rectangles that can be told in words. A pure function.
#pragma once

#include <cstddef>
#include <vector>

#include "attention/picture_map.h"

namespace fovea {

// A rectangle of the picture, in fractions of its width and height from the top left corner.
struct Region {
  float x;
  float y;
  float width;
  float height;
  float share;  // of all scores on the picture, those of the region's own cells: [0, 1]
};

// The `count` regions with the greatest share, or all if there are fewer, greatest first; of equal ones the one whose
// first cell comes first, row by row. A region is cells with at least half of the map's greatest score that touch at
// their sides; what is given is the rectangle around it. A map without scores has none; an even one has one, the
// picture.
// REQUIRES: the map has a score for each cell.
std::vector<Region> most_looked_at(const PictureMap& map, std::size_t count);

}  // namespace fovea
