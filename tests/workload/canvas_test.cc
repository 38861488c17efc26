#include "workload/canvas.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

namespace fovea {
namespace {

constexpr Rgb black{}, white{255, 255, 255};

using Paint = std::function<void(Canvas&)>;

// `paint` on white.
DecodedImage on_white(std::uint32_t width, std::uint32_t height, const Paint& paint) {
  return drawn_image(width, height, [&](Canvas& canvas) {
    canvas.fill_sloping(white, 0, 0);
    paint(canvas);
  });
}

std::array<int, 3> pixel(const DecodedImage& image, std::uint32_t x, std::uint32_t y) {
  const auto* at = &image.pixels.as<std::uint8_t>()[(std::size_t{y} * image.width + x) * 3];
  return {at[0], at[1], at[2]};
}

// How much black there is, in pixels.
double area(const DecodedImage& image) {
  double sum = 0;
  for (const std::uint8_t channel : image.pixels.as<std::uint8_t>()) sum += 255 - channel;
  return sum / 3 / 255;
}

TEST(Canvas, ABoxFillsItsPixelsAndNoOther) {
  const DecodedImage image = on_white(8, 6, [](Canvas& canvas) { canvas.fill_box({2, 1, 5, 4}, {10, 20, 30}); });
  for (std::uint32_t y = 0; y < 6; ++y) {
    for (std::uint32_t x = 0; x < 8; ++x) {
      const bool inside = x >= 2 && x < 5 && y >= 1 && y < 4;
      EXPECT_EQ(pixel(image, x, y), inside ? (std::array{10, 20, 30}) : (std::array{255, 255, 255})) << x << ' ' << y;
    }
  }
}

TEST(Canvas, WhatLiesOutsideIsCutOff) {
  constexpr int far = 30'000 * grains_a_pixel;
  const DecodedImage image = on_white(4, 4, [](Canvas& canvas) {
    canvas.fill_box({-9, -9, 99, 2}, black);
    canvas.fill_box({3, 3, 1, 1}, black);  // turned inside out: nothing
    canvas.fill_disc({far, far}, 100, black);
    canvas.fill_disc({-far, 8}, 100, black);
    const Spot below[] = {{-far, 32}, {far, 32}, {0, far}};
    canvas.fill_polygon(below, black);
  });
  EXPECT_EQ(area(image), 16);
}

TEST(Canvas, ADiscHasItsArea) {
  for (const int radius : {24, 100, 333}) {
    const DecodedImage image = on_white(64, 64, [&](Canvas& canvas) { canvas.fill_disc({515, 509}, radius, black); });
    const double pixels = radius / 16.0;
    EXPECT_NEAR(area(image), 3.14159 * pixels * pixels, 0.01 * pixels * pixels + 0.5) << radius;
  }
}

TEST(Canvas, APolygonHasItsAreaAndSmoothEdges) {
  const Spot corners[] = {{16, 16}, {496, 176}, {96, 496}};  // a triangle
  const DecodedImage image = on_white(32, 32, [&](Canvas& canvas) { canvas.fill_polygon(corners, black); });
  EXPECT_NEAR(area(image), (480.0 * 480 - 80.0 * 160) / 2 / 256, 1);
  int mixed = 0;
  for (std::uint32_t x = 0; x < 32; ++x) mixed += pixel(image, x, 8)[0] > 0 && pixel(image, x, 8)[0] < 255;
  EXPECT_GE(mixed, 2);
}

TEST(Canvas, WhatAnOutlineRunsRoundTwiceIsOutside) {
  const Spot corners[] = {{0, 0},   {256, 0},  {256, 256}, {0, 256},  {0, 0},
                          {64, 64}, {192, 64}, {192, 192}, {64, 192}, {64, 64}};
  const DecodedImage image = on_white(16, 16, [&](Canvas& canvas) { canvas.fill_polygon(corners, black); });
  EXPECT_EQ(pixel(image, 8, 8)[0], 255);
  EXPECT_EQ(area(image), 256 - 64);
}

TEST(Canvas, ASlopeRisesToTheRightAndDown) {
  const DecodedImage image = drawn_image(101, 51, [](Canvas& canvas) { canvas.fill_sloping({100, 250, 5}, 20, 10); });
  EXPECT_EQ(pixel(image, 50, 25), (std::array{100, 250, 5})) << "the middle has the colour itself";
  EXPECT_EQ(pixel(image, 100, 25)[0], 119);
  EXPECT_EQ(pixel(image, 0, 25)[0], 81);
  EXPECT_EQ(pixel(image, 50, 50)[0], 109);
  EXPECT_EQ(pixel(image, 100, 50)[1], 255) << "there is nothing brighter";
  EXPECT_EQ(pixel(image, 0, 0)[2], 0);
}

TEST(CanvasDeathTest, SidesHaveBounds) {
  const auto paint = [](Canvas&) {};
  EXPECT_DEATH(drawn_image(0, 1, paint), "sides of 1 to 4,096");
  EXPECT_DEATH(drawn_image(1, drawn_side_max + 1, paint), "sides of 1 to 4,096");
}

}  // namespace
}  // namespace fovea
