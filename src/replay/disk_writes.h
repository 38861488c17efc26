// DiskWrites: the bytes that a modelled disk was given and those that it wrote. A plain value.
#pragma once

#include <cstdint>

namespace fovea {

struct DiskWrites {
  std::uint64_t first = 0;    // of values that were just computed
  std::uint64_t again = 0;    // of values that a hit found old
  std::uint64_t rescued = 0;  // of values that lay in a file to be dropped
  std::uint64_t refused = 0;  // not written: of computed values that were not let in

  std::uint64_t written() const { return first + again + rescued; }
  std::uint64_t offered() const { return first + refused; }

  DiskWrites& operator+=(const DiskWrites& other) {
    first += other.first;
    again += other.again;
    rescued += other.rescued;
    refused += other.refused;
    return *this;
  }
};

}  // namespace fovea
