// new_picture: pictures that no cache has seen.
#pragma once

#include <cstdint>

#include "pictures/sources.h"

namespace fovea::bench {

// A picture of side x side pixels that no other number below 32,768 has. A pure function.
inline ImageSource new_picture(std::uint32_t side, int number) {
  const auto seed = static_cast<std::uint32_t>(number * 2 + 1);
  return test::png(side, side, [=](std::uint32_t x, std::uint32_t y) -> test::Rgb {
    const std::uint32_t mix = (x / 8 * 31 + y / 8 * 17 + seed) * seed;
    return {static_cast<std::uint8_t>(mix), static_cast<std::uint8_t>(x + seed),
            static_cast<std::uint8_t>(y + (seed >> 8))};
  });
}

}  // namespace fovea::bench
