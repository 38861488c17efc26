#include "image/heat_overlay.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace fovea {
namespace {

DecodedImage plain(std::uint32_t width, std::uint32_t height) {
  return {width, height, Blob::copy_of(std::string(std::size_t{width} * height * 3, '\x80'))};
}

std::array<int, 3> pixel(const DecodedImage& image, std::uint32_t x, std::uint32_t y) {
  const auto* at = &image.pixels.bytes()[(std::size_t{y} * image.width + x) * 3];
  return {static_cast<int>(at[0]), static_cast<int>(at[1]), static_cast<int>(at[2])};
}

TEST(HeatOverlay, IsHotWhereTheScoreIsHighest) {
  const std::vector<float> scores = {0, 0, 0, 1};
  const DecodedImage overlay = heat_overlay(plain(600, 400), {2, 2, scores});
  EXPECT_EQ(overlay.width, 600u);
  EXPECT_EQ(overlay.height, 400u);
  const auto cold = pixel(overlay, 20, 20), hot = pixel(overlay, 580, 380);
  EXPECT_GT(hot[0], cold[0] + 80);
  EXPECT_EQ(cold[0], cold[2]) << "nothing lies over a place without attention";
}

TEST(HeatOverlay, EnlargesASmallPictureByAWholeNumber) {
  const std::vector<float> scores(1, 0.5F);
  EXPECT_EQ(heat_overlay(plain(96, 60), {1, 1, scores}).width, 480u);
  EXPECT_EQ(heat_overlay(plain(1, 1), {1, 1, scores}).height, 512u);
}

}  // namespace
}  // namespace fovea
