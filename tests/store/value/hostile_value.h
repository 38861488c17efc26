// What must hold of any bytes given as a value's payload: it is refused, or has one encoding and lies within
// its bytes. Shared by the fuzz target and by the test that replays its corpus; stops the program where it
// does not hold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "store/value/value_payload.h"

namespace fovea {

inline void check_hostile_value(std::span<const std::byte> payload) {
  const auto value = read_value(payload);
  if (!value) return;
  ValueFacts facts{.is_sequence = value->is_sequence, .expires_unix_ms = value->expires_unix_ms};
  for (const StoredArray& array : value->arrays) facts.arrays.push_back(array.shape);
  const auto layout = ValueLayout::of(facts);
  check(layout.has_value(), "what was read can be written");
  check(layout->payload_bytes() == payload.size(), "a value has as many bytes as its layout says");
  std::vector<std::byte> again(payload.begin(), payload.end());
  layout->write_around(facts, again);
  check(std::ranges::equal(again, payload), "a value has one encoding");
  for (std::size_t i = 0; i < value->arrays.size(); ++i) {
    const auto bytes = value->arrays[i].bytes;
    check(bytes.data() == payload.data() + layout->offset(i) && bytes.size() == layout->bytes(i),
          "an array lies there");
    check(layout->offset(i) % array_alignment == 0, "an array is aligned");
    check(bytes.empty() || bytes.data() + bytes.size() <= payload.data() + payload.size(), "an array ends in time");
  }
}

}  // namespace fovea
