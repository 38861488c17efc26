// DecodedImage: the pixels of an image; and image_key, which names it by its content.
//
// The pixels are 8-bit RGB in rows from the top, width * height * 3 bytes without padding, upright (EXIF
// orientation applied), alpha flattened on white. An immutable value: a copy shares the pixels. Thread-safe
// as Blob is.
#pragma once

#include <cstdint>

#include "fovea/blob.h"
#include "fovea/key.h"

namespace fovea {

inline constexpr std::uint32_t image_channels = 3;

struct DecodedImage {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  Blob pixels;
};

// The hash of the image's shape and pixels, whatever file, format or place they came from.
// REQUIRES: image.pixels holds width * height * 3 bytes.
Key image_key(const DecodedImage& image);

}  // namespace fovea
