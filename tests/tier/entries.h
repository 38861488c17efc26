// Entries for tests of tiers: records with a payload that tells what it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/tier.h"

namespace fovea::test {

inline Key key_of(std::string_view name) { return KeyBuilder("fovea/test-key/1").field(name).finish(); }

inline const Key& test_scope() {
  static const Key scope = key_of("scope");
  return scope;
}

// `payload_bytes` that differ by `seed` and by place.
inline std::vector<std::byte> payload_of(std::uint64_t seed, std::size_t payload_bytes) {
  std::vector<std::byte> payload(payload_bytes);
  std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 1;
  for (std::byte& byte : payload) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    byte = static_cast<std::byte>(state);
  }
  return payload;
}

inline Blob record_of(RecordKind kind, std::uint64_t seed, std::size_t payload_bytes) {
  return encode_record({.kind = kind, .scope = test_scope(), .cost_ms = 100, .made_unix_ms = 1e12},
                       payload_of(seed, payload_bytes));
}

// An entry under a key of `name`, stored by "tenant" and made from the image "image".
inline TierEntry entry_of(std::string_view name, std::uint64_t seed = 1, std::size_t payload_bytes = 1000,
                          RecordKind kind = RecordKind::embedding) {
  return {.key = key_of(name),
          .tenant = key_of("tenant"),
          .images = {key_of("image")},
          .record = record_of(kind, seed, payload_bytes)};
}

}  // namespace fovea::test
