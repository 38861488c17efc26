#include "workload/drawn_picture.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "workload/canvas.h"

namespace fovea {
namespace {

using Size = std::pair<std::uint32_t, std::uint32_t>;

// The number of pixels in which two pictures of one size differ.
std::size_t pixels_apart(const DecodedImage& a, const DecodedImage& b) {
  const auto left = a.pixels.bytes(), right = b.pixels.bytes();
  std::size_t count = 0;
  for (std::size_t i = 0; i < left.size(); i += 3)
    count += left[i] != right[i] || left[i + 1] != right[i + 1] || left[i + 2] != right[i + 2];
  return count;
}

// Reports compare runs with these pictures: with other pixels it is another workload.
TEST(DrawnPicture, IsTheSameOnEveryMachine) {
  EXPECT_EQ(image_key(draw_scene(42, 96, 64)).hex(),
            "361089228826a3b1e0a26698d34598e8af68a715e9dfc4326191d822aa678148");
  EXPECT_EQ(image_key(draw_frame(42, 7, 96, 64)).hex(),
            "83036454a828eba563ead651fafd53f916b594cddc45babaf3b180f06e0220b8");
}

TEST(DrawnPicture, SeedsGiveDifferentPictures) {
  std::set<Key> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    seen.insert(image_key(draw_scene(seed, 48, 48)));
    seen.insert(image_key(draw_frame(seed, 0, 48, 48)));
  }
  EXPECT_EQ(seen.size(), 600u);
}

TEST(DrawnPicture, ASceneHasShapesOnItsBackground) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const DecodedImage scene = draw_scene(seed, 192, 144);
    std::size_t coloured = 0;
    const auto pixels = scene.pixels.as<std::uint8_t>();
    for (std::size_t i = 0; i < pixels.size(); i += 3) coloured += pixels[i + 2] < 150 || pixels[i + 1] < 150;
    EXPECT_GT(coloured, 192u * 144 / 100) << seed;
    EXPECT_LT(coloured, 192u * 144 / 2) << seed;
  }
}

TEST(DrawnPicture, FromLookToLookOneShapeMoves) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const std::uint32_t step : {0U, 1U, 99U, 4'000'000'000U}) {
      const DecodedImage now = draw_frame(seed, step, 160, 120), next = draw_frame(seed, step + 1, 160, 120);
      const std::size_t apart = pixels_apart(now, next);
      EXPECT_GT(apart, 0u) << seed << ' ' << step;
      EXPECT_LT(apart, 160u * 120 / 8) << seed << ' ' << step;
    }
  }
}

TEST(DrawnPicture, AMovingShapeDoesNotComeToTheSamePlaceSoon) {
  std::set<Key> seen;
  for (std::uint32_t step = 0; step < 1000; ++step) seen.insert(image_key(draw_frame(5, step, 128, 96)));
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(DrawnPicture, AnySizeCanBeDrawn) {
  const auto sizes = {Size{1, 1},
                      Size{2, 3},
                      Size{1, drawn_side_max},
                      Size{drawn_side_max, 1},
                      Size{7, 500},
                      Size{drawn_side_max, drawn_side_max}};
  for (const auto& [width, height] : sizes) {
    for (const DecodedImage& image : {draw_scene(3, width, height), draw_frame(3, 2, width, height)}) {
      EXPECT_EQ(image.width, width);
      EXPECT_EQ(image.height, height);
      EXPECT_EQ(image.pixels.size(), std::size_t{width} * height * 3);
    }
  }
}

TEST(DrawnPictureDeathTest, APictureHasSides) {
  EXPECT_DEATH(draw_scene(1, 0, 10), "sides of 1 to");
  EXPECT_DEATH(draw_frame(1, 0, 10, 0), "sides of 1 to");
}

}  // namespace
}  // namespace fovea
