#include "workload/drawn_shape.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fovea {
namespace {

// The pixels that a black shape of 100 pixels' radius covers.
double area(Shape shape, int lean) {
  const DecodedImage image = drawn_image(256, 256, [&](Canvas& canvas) {
    canvas.fill_sloping({255, 255, 255}, 0, 0);
    draw_thing(canvas, {shape, {}, {128 * grains_a_pixel, 128 * grains_a_pixel}, 100 * grains_a_pixel, lean});
  });
  double sum = 0;
  for (const std::uint8_t channel : image.pixels.as<std::uint8_t>()) sum += 255 - channel;
  return sum / 3 / 255;
}

// By geometry, of a radius of 1: what models/tiny/scenes.py draws.
double expected(Shape shape) {
  switch (shape) {
    case Shape::circle:
      return std::acos(-1.0);
    case Shape::square:
      return 1.7 * 1.7;
    case Shape::triangle:
      return 3 * std::sqrt(3.0) * 0.575 * 0.575;
    case Shape::star:
      return 5 * 1.15 * 0.5175 * std::sin(std::acos(-1.0) / 5);
    case Shape::cross:
      return 2 * (2 * 0.64) - 0.64 * 0.64;
    case Shape::diamond:
      return 2 * 0.68 * 1.12;
  }
  return 0;
}

TEST(DrawnShape, EachHasItsAreaHoweverItIsTurned) {
  for (int i = 0; i < shape_count; ++i) {
    const auto shape = static_cast<Shape>(i);
    for (const int lean : {0, 200, -200, 1000})
      EXPECT_NEAR(area(shape, lean) / 1e4, expected(shape), 0.01) << i << " turned by " << lean;
  }
}

TEST(DrawnShapeDeathTest, ASineIsAtMostOne) { EXPECT_DEATH(area(Shape::star, 1001), "sine"); }

}  // namespace
}  // namespace fovea
