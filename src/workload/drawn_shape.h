// Shapes: the shapes and colours that the bundled model (models/tiny) can name, drawn as in its training
// pictures.
//
// Pure but for the canvas, which the caller owns; thread-safe for different canvases.
#pragma once

#include <array>
#include <cstdint>

#include "workload/canvas.h"

namespace fovea {

enum class Shape : std::uint8_t { circle, square, triangle, star, cross, diamond };
inline constexpr int shape_count = 6;

// Red, orange, yellow, green, blue, purple, pink, black.
inline constexpr std::array<Rgb, 8> shape_colours = {{{220, 40, 40},
                                                      {245, 140, 20},
                                                      {245, 220, 50},
                                                      {40, 160, 70},
                                                      {40, 80, 220},
                                                      {130, 50, 180},
                                                      {250, 130, 190},
                                                      {25, 25, 25}}};

struct Thing {
  Shape shape = Shape::circle;
  Rgb colour;
  Spot centre;
  int radius = 0;  // in grains; the points of stars and diamonds reach a little further
  int lean = 0;    // the sine of its clockwise rotation, in thousandths
};

// REQUIRES: |lean| <= 1000.
void draw_thing(Canvas& canvas, const Thing& thing);

}  // namespace fovea
