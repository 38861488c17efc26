// tga: TGA pictures (Truevision): true colour, grey and palette, plain and run-length encoded, in any of
// their four orientations. Alpha counts only where the header names alpha bits, and where it is not zero
// everywhere.
//
// libvips has no loader for them that it trusts, so they are decoded here. The bytes are hostile. A pure
// function; thread-safe.
#pragma once

#include <cstddef>
#include <span>

#include "image/decode.h"

namespace fovea {

// Faults: those of decode(), of a source that is a TGA by format_of().
Result<DecodedImage> decode_tga(std::span<const std::byte> source, const DecodeLimits& limits);

}  // namespace fovea
