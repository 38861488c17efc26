// thumbnail: an image small enough for a list, as a file that browsers show. A pure function except for
// starting libvips; thread-safe.
#pragma once

#include <cstdint>

#include "fovea/blob.h"
#include "fovea/result.h"
#include "image/decoded_image.h"

namespace fovea {

// The longest side, in pixels: sharp at 96 points on the densest screens in use.
inline constexpr std::uint32_t thumbnail_side_max = 192;

// The image as a WebP file of some kilobytes. It is made smaller if a side is longer than thumbnail_side_max,
// and never larger; its proportions are kept as far as whole pixels allow.
// REQUIRES: as image_key.
// Faults: internal when libvips fails.
Result<Blob> thumbnail(const DecodedImage& image);

}  // namespace fovea
