// FIFO counts files and not blobs, so there are no blob files. The log without fsync loses nothing when the
// process is killed (0 of 1,522 values, measured), and the last writes when the machine is.
//
// Opening tries in turn: as it is; to read only, where another process holds the lock; what can be saved of a
// damaged one; an empty one. A cache can be computed again, so it is never worth an error that stops a
// program.
#include "tier/rocksdb/database.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <format>
#include <string>
#include <system_error>
#include <utility>

namespace fovea {

namespace {

constexpr std::uint64_t mebi = 1 << 20;
// A process asks for one value at a time; more files than these are opened again when they are needed.
constexpr int open_files_max = 512;

rocksdb::ColumnFamilyOptions values_options(const DiskShares& shares) {
  rocksdb::ColumnFamilyOptions options;
  options.compaction_style = rocksdb::kCompactionStyleFIFO;
  options.compaction_options_fifo.max_table_files_size = shares.files_bytes_max;
  options.compaction_options_fifo.allow_compaction = false;
  options.num_levels = 1;
  options.ttl = 0;  // an entry goes by its place, not by its age
  options.periodic_compaction_seconds = 0;
  options.compression = rocksdb::kNoCompression;  // numbers of a model do not get smaller
  options.write_buffer_size = shares.buffer_bytes;
  options.max_write_buffer_number = 3;
  options.level0_slowdown_writes_trigger = 1 << 30;  // there is nothing to wait for: nothing is compacted
  options.level0_stop_writes_trigger = 1 << 30;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.checksum = rocksdb::kXXH3;
  table.no_block_cache = true;  // what was read is in the level's memory
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::DBOptions database_options(const DiskShares& shares) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_total_wal_size = shares.log_bytes_max;
  options.max_open_files = open_files_max;
  options.bytes_per_sync = mebi;  // the kernel writes as it comes, not all at once
  options.wal_bytes_per_sync = mebi;
  options.keep_log_file_num = 2;  // RocksDB's own diary
  options.max_log_file_size = mebi;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors(const DiskShares& shares) {
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  rocksdb::ColumnFamilyOptions small;
  small.write_buffer_size = mebi;
  all.emplace_back(rocksdb::kDefaultColumnFamilyName, small);
  all.emplace_back("index", small);
  all.emplace_back("values", values_options(shares));
  return all;
}

bool is_held_by_another(const rocksdb::Status& status) {
  return status.IsIOError() && status.ToString().contains("lock");
}

}  // namespace

rocksdb::Status Database::open_to_write(const std::filesystem::path& folder, const DiskShares& shares,
                                        bool best_effort) {
  rocksdb::DBOptions options = database_options(shares);
  options.best_efforts_recovery = best_effort;
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::Open(options, folder.string(), descriptors(shares), &families_, &db);
  db_.reset(db);
  return status;
}

rocksdb::Status Database::open_to_read(const std::filesystem::path& folder, const DiskShares& shares) {
  rocksdb::DBOptions options = database_options(shares);
  options.max_open_files = -1;  // all, now: the other process removes files meanwhile
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(options, folder.string(), descriptors(shares), &families_, &db);
  db_.reset(db);
  read_only_ = status.ok();
  return status;
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder, const DiskShares& shares) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  // What lies there is not encrypted, so it is its user's alone.
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) {
    return fail(Fault::unavailable,
                std::format("the folder '{}' cannot be made: {}", folder.string(), error.message()));
  }
  std::unique_ptr<Database> database(new Database);
  auto status = database->open_to_write(folder, shares, false);
  if (is_held_by_another(status)) status = database->open_to_read(folder, shares);
  if (status.IsCorruption() || status.IsInvalidArgument() || status.IsPathNotFound())
    status = database->open_to_write(folder, shares, true);
  if (status.IsCorruption() || status.IsInvalidArgument() || status.IsPathNotFound()) {
    std::filesystem::remove_all(folder, error);
    database->was_emptied_ = true;
    status = database->open_to_write(folder, shares, false);
  }
  if (!status.ok()) {
    return fail(Fault::unavailable,
                std::format("the folder '{}' cannot be used: {}", folder.string(), status.ToString()));
  }
  return database;
}

Database::~Database() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
  db_->Close();
}

}  // namespace fovea
