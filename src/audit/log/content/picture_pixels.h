// picture_look, tile_hashes: what an audit keeps of a picture's pixels. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "image/decoded_image.h"

namespace fovea {

// The picture's coarse look in 64 bits: of a grid of 9 by 8 fields, which of two neighbours in a row is
// brighter. Copies of other sizes and qualities differ in few bits. nullopt of a picture that shows hardly
// anything at that size, such as an empty page: those all look the same.
std::optional<std::uint64_t> picture_look(const DecodedImage& image);

// The tile hashes of audited_request.h.
std::vector<std::uint64_t> tile_hashes(const DecodedImage& image);

}  // namespace fovea
