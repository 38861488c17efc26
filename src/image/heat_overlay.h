// heat_overlay: a picture with a map of scores laid over it, for a person to see where they are high. Pure functions.
#pragma once

#include <cstdint>
#include <span>

#include "image/decoded_image.h"

namespace fovea {

// Scores in [0, 1], row by row, each over its cell of a picture that is cut into columns x rows alike. Owns nothing.
struct HeatMap {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::span<const float> scores;
};

// The picture dimmed, and over it the scores from nothing (the map's lowest) over magenta to yellow (its highest), smooth between
// cells. A small picture is enlarged by a whole number to some 512 pixels.
// REQUIRES: as image_key; a score for each cell, and at least one cell.
DecodedImage heat_overlay(const DecodedImage& picture, const HeatMap& map);

}  // namespace fovea
