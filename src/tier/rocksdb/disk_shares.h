// DiskShares: how the bytes of a disk are divided: into a log of values, what the policy may keep of it, and
// what RocksDB needs beside it. Plain values; a pure function.
#pragma once

#include <cstdint>

namespace fovea {

// All of it together is at most `bytes_max`.
struct DiskShares {
  static constexpr std::uint64_t bytes_min = std::uint64_t{64} << 20;

  std::uint64_t files_bytes_max;  // of the files of values; the oldest goes above
  std::uint64_t buffer_bytes;     // of values in memory before they become a file
  std::uint64_t rescue_bytes;     // a live value with so many bytes behind it is appended again, before its file goes
  std::uint64_t live_bytes_max;   // of the values that the policy keeps
  std::uint64_t value_bytes_max;  // larger ones are not kept
  std::uint64_t log_bytes_max;    // of the write-ahead log, before values in memory become files

  // REQUIRES: bytes_max >= bytes_min.
  static DiskShares of(std::uint64_t bytes_max);
};

}  // namespace fovea
