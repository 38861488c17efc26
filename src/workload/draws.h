// Draws: a stream of numbers for drawing pictures, the same on every machine. A plain value; not thread-safe.
//
// Compilers differ in which argument of a call they work out first: no two draws may stand in the arguments of one call.
#pragma once

#include <cstdint>

#include "trace/mixed_bits.h"

namespace fovea {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : stream_(mixed_bits(seed)) {}

  // One of `low` to `high`, both of them included. REQUIRES: low <= high.
  int between(int low, int high) {
    const auto count = static_cast<std::uint64_t>(std::int64_t{high} - low + 1);
    return static_cast<int>(low + static_cast<std::int64_t>(((next() >> 32) * count) >> 32));
  }
  bool chance(int percent) { return between(1, 100) <= percent; }

 private:
  std::uint64_t next() { return mixed_bits(stream_ + count_++); }

  std::uint64_t stream_, count_ = 0;
};

}  // namespace fovea
