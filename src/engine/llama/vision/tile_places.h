// locate_tile: which part of a picture a tile shows, found by looking at what the encoder is fed of test pictures.
//
// libmtmd does not say where it cuts a picture, whether it stretches it, or pads it with bars; models differ in all
// three. What it feeds the encoder of four pictures of the same size tells: of a black and a white one, where the
// picture is at all and between which numbers; of two that brighten evenly from left to right and from top to bottom,
// which part of it. A picture fills a rectangle of its tile, so the means of columns and rows tell as much as all
// pixels: what is kept of a tile is small, and the test pictures, as large as the real one, can come and go one after
// another. Pure functions.
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

// The means of the columns and rows of a tile's input, in its first channel; empty if the input lacks numbers.
struct TileProfile {
  std::vector<double> columns;
  std::vector<double> rows;
};
TileProfile profile_of(const TileInput& input);

// A tile's profiles, one for each test picture in order.
using TileProfiles = std::array<TileProfile, test_pictures>;

// The place of the tile; it may reach beyond the picture, where there are bars. nullopt if the inputs do not look like
// cut and resized pictures.
std::optional<TilePlace> locate_tile(const TileProfiles& profiles);

}  // namespace fovea::llama
