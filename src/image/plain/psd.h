// psd: The merged picture of a Photoshop document (PSD), which Photoshop writes for programs that know no
// layers: RGB or grey, with 8 or 16 bits a number. Its transparency is on white already.
//
// libvips has no loader for them that it trusts, so they are decoded here. The bytes are hostile. A pure
// function; thread-safe.
#pragma once

#include <cstddef>
#include <span>

#include "image/decode.h"

namespace fovea {

// Faults: those of decode(), of a source that is a PSD by format_of().
Result<DecodedImage> decode_psd(std::span<const std::byte> source, const DecodeLimits& limits);

}  // namespace fovea
