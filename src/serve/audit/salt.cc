#include "serve/audit/salt.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/digest.h"

namespace fovea::serve {

namespace {

std::uint64_t keyed(std::uint64_t hash, const Key& secret) {
  const auto bytes = std::bit_cast<std::array<std::byte, sizeof hash>>(hash);
  const Digest digest = keyed_digest(secret.bytes, {bytes});
  std::uint64_t keyed = 0;
  std::memcpy(&keyed, digest.data(), sizeof keyed);
  return keyed;
}

std::uint64_t look_mask(const Key& secret) {
  constexpr std::string_view name = "look";
  const Digest digest = keyed_digest(secret.bytes, {std::as_bytes(std::span(name))});
  std::uint64_t mask = 0;
  std::memcpy(&mask, digest.data(), sizeof mask);
  return mask;
}

// Looks of nearly blank pictures are all alike and say nothing. Behind a mask they could not be told any
// more.
bool is_blank(std::uint64_t look) {
  constexpr int bits_least = 8;
  const int bits = std::popcount(look);
  return bits < bits_least || bits > 64 - bits_least;
}

}  // namespace

void salt(AuditedRequest& request, const Key& secret) {
  const auto turn = [&](std::uint64_t& hash) { hash = keyed(hash, secret); };
  turn(request.settings_hash);
  for (AuditedPart& part : request.parts) {
    turn(part.hash);
    turn(part.masked_hash);
  }
  for (AuditedPicture& picture : request.pictures) {
    turn(picture.source_hash);
    if (picture.image_hash) turn(*picture.image_hash);
    if (picture.look && is_blank(*picture.look)) picture.look.reset();
    if (picture.look) *picture.look ^= look_mask(secret);
  }
  for (std::uint64_t& hash : request.prefix_hashes) turn(hash);
  for (std::uint64_t& hash : request.tile_hashes) turn(hash);
}

}  // namespace fovea::serve
