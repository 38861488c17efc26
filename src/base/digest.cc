#include "base/digest.h"

#include <blake3.h>

#include <cstdint>

namespace fovea {

namespace {

Digest finish(blake3_hasher& hasher, std::initializer_list<std::span<const std::byte>> parts) {
  for (const std::span<const std::byte> part : parts) blake3_hasher_update(&hasher, part.data(), part.size());
  Digest result;
  blake3_hasher_finalize(&hasher, reinterpret_cast<std::uint8_t*>(result.data()), result.size());
  return result;
}

}  // namespace

Digest digest(std::initializer_list<std::span<const std::byte>> parts) {
  blake3_hasher hasher;
  blake3_hasher_init(&hasher);
  return finish(hasher, parts);
}

Digest keyed_digest(std::span<const std::byte, 32> key, std::initializer_list<std::span<const std::byte>> parts) {
  blake3_hasher hasher;
  blake3_hasher_init_keyed(&hasher, reinterpret_cast<const std::uint8_t*>(key.data()));
  return finish(hasher, parts);
}

Digest derived_digest(std::string_view context, std::initializer_list<std::span<const std::byte>> parts) {
  blake3_hasher hasher;
  blake3_hasher_init_derive_key_raw(&hasher, context.data(), context.size());
  return finish(hasher, parts);
}

bool is_equal(const Digest& digest, std::span<const std::byte, sizeof(Digest)> other) {
  std::byte difference{};
  for (std::size_t i = 0; i < digest.size(); ++i) difference |= digest[i] ^ other[i];
  return difference == std::byte{};
}

}  // namespace fovea
