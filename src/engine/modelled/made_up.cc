#include "engine/modelled/made_up.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "trace/mixed_bits.h"

namespace fovea {

namespace {

constexpr std::size_t end_bytes = 256;

// Its fraction is the bits' upper 23.
float number_of(std::uint32_t bits) { return std::bit_cast<float>((bits >> 9U) | 0x3f800000U) - 1.5F; }

}  // namespace

void make_up(const Key& name, std::span<std::byte> bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::array<float, 2>)) {
    const std::uint64_t bits = mixed_bits(name.bits() + at);
    const std::array<float, 2> numbers = {number_of(static_cast<std::uint32_t>(bits)),
                                          number_of(static_cast<std::uint32_t>(bits >> 32U))};
    std::memcpy(bytes.data() + at, numbers.data(), std::min(sizeof numbers, bytes.size() - at));
  }
}

Key told_apart(std::span<const std::byte> bytes) {
  const std::size_t ends = std::min(end_bytes, bytes.size());
  return KeyBuilder("fovea/made-up/1")
      .field(static_cast<std::uint64_t>(bytes.size()))
      .field(bytes.first(ends))
      .field(bytes.last(ends))
      .finish();
}

}  // namespace fovea
