// Drawn pictures: scenes of coloured shapes, as the bundled model was taught, and what a camera sees of one. Pure
// functions, in whole numbers: one seed gives one picture, the same on every machine.
//
// All of them REQUIRE sides of 1 to drawn_side_max pixels. A picture too small or too narrow for a shape is its
// background alone.
#pragma once

#include <cstdint>

#include "image/decoded_image.h"

namespace fovea {

// One to five shapes that do not touch each other, on a light background.
DecodedImage draw_scene(std::uint64_t seed, std::uint32_t width, std::uint32_t height);

// What a camera sees `step` looks after the first: a scene that stays as it is, and a shape that has gone on a little
// since the look before, and turns round at the picture's edges. A place and a direction come again only after
// thousands of steps.
DecodedImage draw_frame(std::uint64_t seed, std::uint32_t step, std::uint32_t width, std::uint32_t height);

}  // namespace fovea
