// Entries for the tests of tiers: records of any size whose bytes follow from their names.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "store/tier.h"

namespace fovea::test {

inline Key key_named(std::string_view name) { return KeyBuilder("fovea/test/1").field(name).finish(); }

inline Blob record_named(std::string_view name, std::size_t payload_bytes, RecordKind kind = RecordKind::embedding) {
  return encode_record({.kind = kind, .scope = key_named("scope"), .cost_ms = 12}, payload_bytes,
                       [&](std::span<std::byte> payload) {
                         std::uint64_t state = key_named(name).bits();
                         for (std::byte& byte : payload) {
                           state = state * 6364136223846793005U + 1442695040888963407U;
                           byte = static_cast<std::byte>(state >> 56);
                         }
                       });
}

inline TierEntry entry_named(std::string_view name, std::size_t payload_bytes = 100,
                             RecordKind kind = RecordKind::embedding) {
  return {.key = key_named(name),
          .tenant = key_named("tenant"),
          .images = {key_named("image")},
          .record = record_named(name, payload_bytes, kind)};
}

// The hit of one key; fails the test on an error.
inline std::optional<TierHit> find_one(Tier& tier, const Key& key, RecordKind kind = RecordKind::embedding,
                                       const WaitLimits& limits = {}) {
  auto found = tier.find_many(kind, std::span(&key, 1), limits);
  if (!found) {
    ADD_FAILURE() << found.error().message;
    return std::nullopt;
  }
  return std::move(found->front());
}

inline void insert_into(Tier& tier, const TierEntry& entry, RecordKind kind = RecordKind::embedding) {
  const auto inserted = tier.insert(kind, entry);
  EXPECT_TRUE(inserted) << inserted.error().message;
}

inline std::uint64_t doubted(const Tier& tier, RecordFault fault) {
  return tier.doubtful()[static_cast<std::size_t>(fault)];
}

}  // namespace fovea::test
