// Picture sources for pipeline tests: binary PPM is not accepted by decode, so small PNG files are written by
// hand: stored (uncompressed) deflate blocks, which any PNG reader takes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "pipeline/request.h"

namespace fovea::test {

using Rgb = std::array<std::uint8_t, 3>;

// A PNG of width x height pixels whose colour at (x, y) is pixel(x, y).
ImageSource png(std::uint32_t width, std::uint32_t height,
                const std::function<Rgb(std::uint32_t x, std::uint32_t y)>& pixel);

// A PNG of one colour.
ImageSource plain_png(std::uint32_t width, std::uint32_t height, Rgb colour);

}  // namespace fovea::test
