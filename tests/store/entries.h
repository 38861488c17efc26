// The entries that tests of tiers store: two tenants, two images, and texts under numbered keys.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "store/tier.h"

namespace fovea::test {

inline const Key scope = KeyBuilder("scope").finish();
inline const Key elsewhere = KeyBuilder("scope").field("other").finish();
inline const Key alice = KeyBuilder("tenant").field("alice").finish();
inline const Key bob = KeyBuilder("tenant").field("bob").finish();
inline const Key red = KeyBuilder("image").field("red").finish();
inline const Key blue = KeyBuilder("image").field("blue").finish();

inline Key key(int number) { return KeyBuilder("entry").field(number).finish(); }

// A minute: no hiccup of a machine makes any tier slower than that.
constexpr double costly_ms = 60'000;

inline Blob record(std::string_view text, double cost_ms = costly_ms, RecordKind kind = RecordKind::prefix,
                   const Key& of = scope) {
  return encode_record({.kind = kind, .scope = of, .cost_ms = cost_ms}, std::as_bytes(std::span(text)));
}

inline TierEntry entry(int number, std::string_view text, const Key& tenant = alice, std::vector<Key> images = {}) {
  return {key(number), tenant, std::move(images), record(text)};
}

}  // namespace fovea::test
