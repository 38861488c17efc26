// Drawn pictures: scenes of coloured shapes, as the bundled model learned them, and the frames of a camera in
// front of one. Pure functions in whole numbers; thread-safe. One seed gives one picture, the same on every
// machine.
//
// All of them REQUIRE sides of 1 to drawn_side_max pixels. A picture that is too small or too narrow for a
// shape is only a background.
#pragma once

#include <cstdint>

#include "image/decoded_image.h"

namespace fovea {

// One to five shapes that do not touch each other, on a light background.
DecodedImage draw_scene(std::uint64_t seed, std::uint32_t width, std::uint32_t height);

// The frame of a camera `step` frames after the first one: a scene that does not change, and a shape that has
// moved a little since the frame before and turns round at the edges. A position with its direction repeats
// only after thousands of steps.
DecodedImage draw_frame(std::uint64_t seed, std::uint32_t step, std::uint32_t width, std::uint32_t height);

}  // namespace fovea
