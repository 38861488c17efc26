#include "tier/encryption/secret.h"

#include <sodium.h>

#include <algorithm>

#include "base/check.h"

namespace fovea {

Secret::Secret(std::span<const std::byte, secret_bytes> bytes) { std::ranges::copy(bytes, bytes_.begin()); }

Secret::~Secret() { sodium_memzero(bytes_.data(), bytes_.size()); }

Secret Secret::drawn() {
  check(sodium_init() >= 0, "libsodium can be used");
  std::array<std::byte, secret_bytes> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  const Secret secret(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return secret;
}

bool operator==(const Secret& one, const Secret& other) {
  return sodium_memcmp(one.bytes_.data(), other.bytes_.data(), one.bytes_.size()) == 0;
}

}  // namespace fovea
