#include "audit/log/content/content_hash.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/digest.h"

namespace fovea {

std::uint64_t content_hash(ContentKind kind, std::span<const std::byte> bytes, std::uint64_t before) {
  const std::array<std::byte, 1> domain{static_cast<std::byte>(kind)};
  const auto chain = std::bit_cast<std::array<std::byte, sizeof before>>(before);
  const Digest digest = fovea::digest({domain, chain, bytes});
  std::uint64_t bits = 0;
  std::memcpy(&bits, digest.data(), sizeof bits);
  return bits;
}

std::uint64_t content_hash(ContentKind kind, std::string_view text, std::uint64_t before) {
  return content_hash(kind, std::as_bytes(std::span(text)), before);
}

}  // namespace fovea
