// Digest: the BLAKE3 hash of plain bytes, without the domain and the frames of KeyBuilder.
//
// For hashes that other programs must be able to compute from one line of a description, such as a stored
// record's checksum. Names of values are made by KeyBuilder. A pure function; thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

namespace fovea {

using Digest = std::array<std::byte, 32>;

// The hash of all parts in a row. It does not depend on where one part ends and the next begins.
Digest digest(std::initializer_list<std::span<const std::byte>> parts);

// The same in BLAKE3's keyed mode: a MAC, which nobody computes without `key`.
Digest keyed_digest(std::span<const std::byte, 32> key, std::initializer_list<std::span<const std::byte>> parts);

// The same in BLAKE3's mode for deriving keys: a key for one purpose from secrets. `context` names the
// purpose, the same in every process, and nothing else in the world.
Digest derived_digest(std::string_view context, std::initializer_list<std::span<const std::byte>> parts);

// Whether two are equal, in a time that does not tell where they differ.
bool is_equal(const Digest& digest, std::span<const std::byte, sizeof(Digest)> other);

}  // namespace fovea
