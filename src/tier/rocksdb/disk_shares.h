// DiskShares: how the bytes of a disk are divided among the kinds of records. Plain values; a pure function.
#pragma once

#include <array>
#include <cstdint>

#include "store/record.h"

namespace fovea {

struct DiskShares {
  static constexpr std::uint64_t bytes_min = std::uint64_t{64} << 20;

  struct Family {
    std::uint64_t files_bytes_max;  // of its files; the oldest goes above
    std::uint64_t buffer_bytes;     // of values in memory before they become a file
    std::uint64_t value_bytes_max;  // larger ones are not kept
  };
  std::array<Family, record_kinds> families;  // in the order of all_record_kinds
  std::uint64_t log_bytes_max;                // of the write-ahead log, before values in memory become files

  // REQUIRES: bytes_max >= bytes_min.
  static DiskShares of(std::uint64_t bytes_max);
};

}  // namespace fovea
