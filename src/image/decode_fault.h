// decode_fault: what all decoders refuse alike: an image beyond the limits, and damaged bytes. Pure
// functions; thread-safe.
#pragma once

#include <cstdint>

#include "image/decode.h"
#include "image/format.h"

namespace fovea {

// Faults: too_large, where an image of this size is beyond `limits`; invalid, where it has no pixels.
Result<void> within(const DecodeLimits& limits, std::uint64_t width, std::uint64_t height);

// The fault of a file that ends early or contradicts itself.
std::unexpected<Error> damaged(Format format);

// The fault of a file whose colours are stored in a rare way.
std::unexpected<Error> rare_colours(Format format);

}  // namespace fovea
