// Look-ups grow with the number of files: 400 files take 95 us a hit, 1,600 take 420 us (2,000 values of 150
// KB, measured). So a file is at least a 400th of all. The log is replayed at the next start, at some 300
// MB/s, so it is bounded to what takes less than a second.
//
// What is alive is less than what fits, or each round through the files would rewrite all of them: with 85 %,
// a full round rewrites 6 bytes for one that is new where nothing dies (docs/decisions/053).
#include "tier/rocksdb/disk_shares.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::uint64_t mebi = 1 << 20;
constexpr std::uint64_t log_bytes_at_most = 192 * mebi;
constexpr std::uint64_t files_max = 400;
constexpr std::uint64_t files_usual = 64;  // where that makes them no larger than a usual one
constexpr std::uint64_t usual_file = 64 * mebi;
constexpr std::uint64_t largest_file = 256 * mebi;
constexpr std::uint64_t values_min = 32;  // at least so many of the largest value fit
constexpr std::uint64_t live_percent = 85;

}  // namespace

DiskShares DiskShares::of(std::uint64_t bytes_max) {
  DiskShares shares{};
  shares.log_bytes_max = std::min(log_bytes_at_most, bytes_max / 32);
  // Besides the log, what of it is on its way to files, and the index, of some 100 bytes for 4 KiB at least.
  const std::uint64_t files = bytes_max - 2 * shares.log_bytes_max - bytes_max / 25 - 4 * mebi;
  shares.buffer_bytes = std::min(largest_file, std::min(files / files_usual, std::max(usual_file, files / files_max)));
  shares.value_bytes_max = files / values_min;
  // A file ends with the value that made it full, or is two such buffers of smaller values (database.cc). The
  // files exceed their bound by one until the oldest is gone.
  const std::uint64_t file = shares.buffer_bytes + shares.value_bytes_max;
  shares.files_bytes_max = files - file;
  // The oldest file holds values that are younger than its oldest by its length.
  shares.rescue_bytes = shares.files_bytes_max - file;
  shares.live_bytes_max = shares.rescue_bytes / 100 * live_percent;
  return shares;
}

}  // namespace fovea
