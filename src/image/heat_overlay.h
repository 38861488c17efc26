// heat_overlay: an image with a map of scores laid over it, which shows a person where they are high. A pure
// function; thread-safe.
#pragma once

#include <cstdint>
#include <span>

#include "image/decoded_image.h"

namespace fovea {

// Scores in [0, 1], row by row, one for each cell of an image that is divided into columns x rows equal
// cells. Owns nothing.
struct HeatMap {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::span<const float> scores;
};

// The image dimmed, and over it the scores: transparent for the map's lowest, over magenta, to yellow for its
// highest, with smooth changes between cells. A small image is enlarged by a whole factor, to some 512
// pixels.
// REQUIRES: as image_key; a score for each cell, and at least one cell.
DecodedImage heat_overlay(const DecodedImage& picture, const HeatMap& map);

}  // namespace fovea
