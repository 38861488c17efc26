// thumbnail: a picture made small enough to stand in a list, as a file that browsers show. A pure function but for starting
// libvips.
#pragma once

#include <cstdint>

#include "fovea/blob.h"
#include "fovea/result.h"
#include "image/decoded_image.h"

namespace fovea {

// Of the longest side, in pixels: sharp at 96 points on the densest screens in use.
inline constexpr std::uint32_t thumbnail_side_max = 192;

// The image as a WebP file, made smaller where a side is longer than thumbnail_side_max, never larger; its proportions stay as
// far as whole pixels allow. Some kilobytes. REQUIRES: as image_key. Faults: internal when libvips fails.
Result<Blob> thumbnail(const DecodedImage& image);

}  // namespace fovea
