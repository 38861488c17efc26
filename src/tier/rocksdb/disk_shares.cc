// Look-ups grow with the number of files: 400 files take 95 us a hit, 1,600 take 420 us (2,000 values of 150 KB,
// measured). So a file is at least a 400th of its family's bytes. The log is replayed at the next start, at some
// 300 MB/s, so it is bounded to what takes less than a second.
#include "tier/rocksdb/disk_shares.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::uint64_t mebi = 1 << 20;
constexpr std::uint64_t log_bytes_at_most = 192 * mebi;
constexpr std::uint64_t files_max = 400;    // of a family
constexpr std::uint64_t files_usual = 64;   // where that makes them no larger than a usual one
constexpr std::uint64_t usual_file = 64 * mebi;
constexpr std::uint64_t largest_file = 256 * mebi;
constexpr std::uint64_t smallest_file = mebi / 16;  // RocksDB makes no smaller ones
constexpr std::uint64_t values_in_share = 16;  // at least so many of the largest value fit a family

// In the order of all_record_kinds: embedding, tiling, prefix, response, relayed response, source alias. Of 200:
// a tiling and an alias weigh a thousandth of an embedding.
constexpr std::array<std::uint64_t, record_kinds> shares_of_200 = {120, 3, 50, 12, 12, 3};

DiskShares::Family family_of(std::uint64_t share) {
  const std::uint64_t file = std::clamp(share / files_usual, smallest_file, std::max(usual_file, share / files_max));
  const std::uint64_t value_max = share / values_in_share;
  // A family exceeds its bound by one file until the oldest one is gone.
  return {.files_bytes_max = share - std::max(file, value_max),
          .buffer_bytes = std::min(file, largest_file),
          .value_bytes_max = value_max};
}

}  // namespace

DiskShares DiskShares::of(std::uint64_t bytes_max) {
  const std::uint64_t log_bytes = std::min(log_bytes_at_most, bytes_max / 32);
  // The log, what of it is on its way to files, and RocksDB's own notes.
  const std::uint64_t divided = bytes_max - 2 * log_bytes - 4 * mebi;
  DiskShares shares{.families = {}, .log_bytes_max = log_bytes};
  for (std::size_t i = 0; i < record_kinds; ++i) shares.families[i] = family_of(divided / 200 * shares_of_200[i]);
  return shares;
}

}  // namespace fovea
