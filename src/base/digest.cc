#include "base/digest.h"

#include <blake3.h>

#include <cstdint>

namespace fovea {

Digest digest(std::initializer_list<std::span<const std::byte>> parts) {
  blake3_hasher hasher;
  blake3_hasher_init(&hasher);
  for (const std::span<const std::byte> part : parts) blake3_hasher_update(&hasher, part.data(), part.size());
  Digest result;
  blake3_hasher_finalize(&hasher, reinterpret_cast<std::uint8_t*>(result.data()), result.size());
  return result;
}

}  // namespace fovea
