// bmp: BMP pictures, as Windows and OS/2 write them: 1 to 32 bits a pixel, with a palette, with masks,
// run-length encoded. Alpha counts only where the header has a mask for it, and where it is not zero
// everywhere: many programs leave it so.
//
// libvips has no loader for them that it trusts, so they are decoded here. The bytes are hostile. A pure
// function; thread-safe.
#pragma once

#include <cstddef>
#include <span>

#include "image/decode.h"

namespace fovea {

// Faults: those of decode(), of a source that is a BMP by format_of().
Result<DecodedImage> decode_bmp(std::span<const std::byte> source, const DecodeLimits& limits);

}  // namespace fovea
