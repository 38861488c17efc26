// shown: a small picture file as the text of its decoded pixels, which a test can spell out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <format>
#include <span>
#include <string>
#include <string_view>

#include "image/decoded_image.h"
#include "image/pictures.h"

namespace fovea {

// Each pixel's red, green and blue in hexadecimal, a blank between pixels and a bar between rows. Of a file
// that is refused, the fault's name.
inline std::string shown(std::span<const std::byte> file) {
  const auto image = decode(file);
  if (!image) return std::string(to_string(image.error().fault));
  const auto numbers = image->pixels.as<std::uint8_t>();
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && i % 3 == 0) text += i % (std::size_t{3} * image->width) == 0 ? "|" : " ";
    text += std::format("{:02x}", numbers[i]);
  }
  return text;
}

inline std::string shown(std::string_view file) { return shown(bytes_of(file)); }

}  // namespace fovea
