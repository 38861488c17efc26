// RocksDB keeps the options of the last opening in a file of its own. The files' share is among them, and it
// grows with the limit that it was computed from: so the limit is found by halving.
#include "tier/rocksdb/disk_limit.h"

#include <rocksdb/utilities/options_util.h>

#include <algorithm>

#include "tier/rocksdb/disk_shares.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace fovea {

namespace {

constexpr std::uint64_t limit_max = std::uint64_t{1} << 50;

// The least limit whose share for files is `files_bytes`, or more.
std::uint64_t limit_of(std::uint64_t files_bytes) {
  std::uint64_t low = DiskShares::bytes_min, high = limit_max;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (DiskShares::of(middle).files_bytes_max < files_bytes)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace

std::optional<std::uint64_t> disk_limit(const std::filesystem::path& folder) {
  rocksdb::DBOptions database;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::ConfigOptions lenient;
  lenient.ignore_unknown_options = true;  // of a later RocksDB
  const auto status =
      rocksdb::LoadLatestOptions(lenient, (folder / RocksdbTier::format_folder).string(), &database, &families);
  if (!status.ok()) return std::nullopt;
  const auto values = std::ranges::find(families, "values", &rocksdb::ColumnFamilyDescriptor::name);
  if (values == families.end()) return std::nullopt;
  return limit_of(values->options.compaction_options_fifo.max_table_files_size);
}

}  // namespace fovea
