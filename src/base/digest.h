// Digest: the BLAKE3 hash of bytes as they are, without KeyBuilder's domain and frames.
//
// For what others must be able to compute from one line of a description, such as a stored record's checksum. What names
// a thing is made by KeyBuilder. Pure function; thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>

namespace fovea {

using Digest = std::array<std::byte, 32>;

// Of the parts one behind the other. Where one part ends and the next begins does not matter.
Digest digest(std::initializer_list<std::span<const std::byte>> parts);

}  // namespace fovea
