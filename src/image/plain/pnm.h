// pnm: PBM, PGM and PPM pictures (Netpbm), as text and as bytes, with up to 16 bits a number.
//
// libvips has no loader for them that it trusts, so they are decoded here. The bytes are hostile. A pure
// function; thread-safe.
#pragma once

#include <cstddef>
#include <span>

#include "image/decode.h"

namespace fovea {

// Faults: those of decode(), of a source that is a PNM by format_of().
Result<DecodedImage> decode_pnm(std::span<const std::byte> source, const DecodeLimits& limits);

}  // namespace fovea
