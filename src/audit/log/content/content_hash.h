// content_hash: 64 bits that name a piece of a request. A pure function; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace fovea {

// What a hash is of. Hashes of different kinds have nothing in common, whatever their bytes.
enum class ContentKind : char {
  text = 't',
  prefix = 'p',
  masked = 'm',
  source = 's',
  address = 'a',
  tile = 'i',
  setting = 'o',
  api_key = 'k',
  other = 'x',
};

// Of `bytes` behind what `before` is the hash of.
std::uint64_t content_hash(ContentKind kind, std::span<const std::byte> bytes, std::uint64_t before = 0);
std::uint64_t content_hash(ContentKind kind, std::string_view text, std::uint64_t before = 0);

}  // namespace fovea
