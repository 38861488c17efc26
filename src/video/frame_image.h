// frame_image: a decoded frame of a video as an image. A pure function; thread-safe.
#pragma once

#include "fovea/result.h"
#include "image/decoded_image.h"
#include "video/libav.h"

namespace fovea {

// The frame in 8-bit RGB, upright: turned and mirrored as its display matrix says. The numbers are those of
// the frame's own colour space (BT.601 where it names none) on the full range. Pixels that are not square
// stay as they are, and fields are not taken apart. The same frame gives the same pixels on every machine.
// Faults: unsupported (a layout that libswscale cannot read), internal.
Result<DecodedImage> frame_image(const AVFrame& frame);

}  // namespace fovea
