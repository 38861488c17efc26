// locate_tile: which part of an image a tile shows, found from what the encoder is fed of test pictures.
//
// libmtmd does not tell how it splits an image into tiles, whether it stretches it, or pads it with bars.
// Models differ in all three. Four test pictures of the same size show it. A black and a white one tell which
// part of the tile the image fills, and between which numbers its values lie. Two that brighten evenly, from
// left to right and from top to bottom, tell which part of the image that is.
//
// An image fills a rectangle of its tile, so the means of columns and rows tell as much as all pixels. So
// little is kept of a tile, and the test pictures, each as large as the image, are made one after another.
// Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/attention_summary.h"
#include "engine/llama/vision/tile_probe.h"
#include "image/decoded_image.h"

namespace fovea::llama {

enum class TestPicture : std::uint8_t { black, white, rightwards, downwards };
constexpr std::size_t test_pictures = 4;

// The test picture of this size. REQUIRES: neither side is 0.
DecodedImage test_picture(TestPicture which, std::uint32_t width, std::uint32_t height);

// The means of the columns and rows of a tile's input, in its first channel; empty if the input has too few
// numbers.
struct TileProfile {
  std::vector<double> columns;
  std::vector<double> rows;
};
TileProfile profile_of(const TileInput& input);

// A tile's profiles, one for each test picture in order.
using TileProfiles = std::array<TileProfile, test_pictures>;

// The place of the tile; it may reach beyond the image, where there are bars. nullopt if the profiles are not
// those of tiles and resized pictures.
std::optional<TilePlace> locate_tile(const TileProfiles& profiles);

}  // namespace fovea::llama
