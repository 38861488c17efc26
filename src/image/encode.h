// encode: a DecodedImage as the bytes of a file, such as clients send. Pure functions except for starting
// libvips; thread-safe.
//
// Only the pixels are written, with no date, profile or camera data, so the same pixels give the same bytes
// as long as the libraries behind libvips stay the same.
#pragma once

#include "fovea/blob.h"
#include "fovea/result.h"
#include "image/decoded_image.h"

namespace fovea {

// The image as a PNG file, which decodes to the same pixels.
// REQUIRES: as image_key; at least one pixel.
// Faults: internal when libvips fails.
Result<Blob> encode_png(const DecodedImage& image);

// The image as a JPEG file, which decodes to nearly the same pixels.
// REQUIRES: as encode_png; `quality` is 1 to 100.
// Faults: internal when libvips fails, as it does for a side of more than 65,535 pixels.
Result<Blob> encode_jpeg(const DecodedImage& image, int quality);

}  // namespace fovea
