// Regions: where on an image the model's attention was highest, as a few rectangles. A pure function.
#pragma once

#include <cstddef>
#include <vector>

#include "attention/picture_map.h"

namespace fovea {

// A rectangle of the image, in fractions of its width and height from the top left corner.
struct Region {
  float x;
  float y;
  float width;
  float height;
  float share;  // of the region's own cells in the sum of all scores: [0, 1]
};

// The `count` regions with the greatest share, or all if there are fewer, greatest first; of equal ones the
// one whose first cell comes first, row by row. A region consists of cells that touch at their sides and have
// at least half of the map's greatest score; the result is the rectangle around it. A map without scores has
// no region. An even map has one, the whole image.
// REQUIRES: the map has a score for each cell.
std::vector<Region> most_looked_at(const PictureMap& map, std::size_t count);

}  // namespace fovea
