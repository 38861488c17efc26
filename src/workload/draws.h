// Draws: a stream of random numbers for drawing pictures, the same on every machine. A plain value; not
// thread-safe.
//
// Compilers evaluate the arguments of a call in different orders, so a call must not have two draws in its
// arguments.
#pragma once

#include <cstdint>

#include "trace/mixed_bits.h"

namespace fovea {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : stream_(mixed_bits(seed)) {}

  // A number from `low` to `high`, both included. REQUIRES: low <= high.
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
