// mixed_bits: a fixed, well-mixed number for each input, so that random draws are the same on every machine
// and in any order.
//
// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA
// 2014). Pure functions.
#pragma once

#include <cstdint>

namespace fovea {

constexpr std::uint64_t mixed_bits(std::uint64_t bits) {
  bits += 0x9e3779b97f4a7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

// `bits` as a fraction in [0, 1).
constexpr double unit_fraction(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

}  // namespace fovea
