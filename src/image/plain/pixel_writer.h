// PixelWriter: writes an image's pixels one by one, for the formats that are decoded here. Transparent pixels
// are flattened on white, to the same numbers as libvips' flatten. Not thread-safe; borrows the memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "image/decoded_image.h"

namespace fovea {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  std::uint8_t alpha = 255;
};

class PixelWriter {
 public:
  // REQUIRES: out has image_channels bytes for each pixel of rows of this width.
  PixelWriter(std::span<std::byte> out, std::uint32_t width) : out_(out), width_(width) {}

  // REQUIRES: the place is in the image.
  void put(std::uint32_t x, std::uint32_t y, Colour colour) {
    const std::size_t at = (std::size_t{y} * width_ + x) * image_channels;
    out_[at] = on_white(colour.red, colour.alpha);
    out_[at + 1] = on_white(colour.green, colour.alpha);
    out_[at + 2] = on_white(colour.blue, colour.alpha);
  }

 private:
  static std::byte on_white(std::uint32_t number, std::uint32_t alpha) {
    return static_cast<std::byte>((number * alpha + 255 * (255 - alpha)) / 255);
  }

  std::span<std::byte> out_;
  std::uint32_t width_;
};

// The 8-bit number for `value` of 0 to `most`, rounded. REQUIRES: 0 < most, and value <= most < 2^24.
inline std::uint8_t to_8_bits(std::uint32_t value, std::uint32_t most) {
  return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
}

}  // namespace fovea
