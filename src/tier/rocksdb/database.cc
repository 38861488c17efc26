// FIFO counts files and not blobs, so there are no blob files. The log without fsync loses nothing when the
// process is killed (0 of 1,522 values, measured), and the last writes when the machine is.
//
// A damaged database is emptied and not repaired: RocksDB's repair leaves out the log, and with it purges. A
// cache can be computed again.
#include "tier/rocksdb/database.h"

#include <rocksdb/filter_policy.h>
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
  // All that wait when a flush begins become one file. Three of them would be more than DiskShares reckons
  // with: live values went with such a file before they were appended again.
  options.max_write_buffer_number = 2;
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
  options.max_manifest_file_size = mebi;
  // Of a log that is damaged before its end, nothing is believed: a purge may be in what would be left out.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
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

// What RocksDB says where another process has the file LOCK, or this one has it already.
bool is_held_by_another(const rocksdb::Status& status) {
  const std::string said = status.ToString();
  return status.IsIOError() &&
         (said.contains("LOCK: Resource temporarily unavailable") || said.contains("lock hold by current process"));
}

bool is_damaged(const rocksdb::Status& status) { return status.IsCorruption() || status.IsPathNotFound(); }

std::unexpected<Error> cannot_be_used(const std::filesystem::path& folder, const rocksdb::Status& status) {
  return fail(Fault::unavailable,
              std::format("the folder '{}' cannot be used: {}", folder.string(), status.ToString()));
}

}  // namespace

Error error_of_read(const rocksdb::Status& status) {
  return {is_damaged(status) ? Fault::corrupt : Fault::unavailable, status.ToString()};
}

rocksdb::Status Database::write(rocksdb::WriteBatch& batch, const rocksdb::WriteOptions& options) {
  auto status = db_->Write(options, &batch);
  if (!status.ok() && !status.IsIncomplete() && db_->Resume().ok()) status = db_->Write(options, &batch);
  return status;
}

rocksdb::Status Database::open_to_write(const std::filesystem::path& folder, const DiskShares& shares) {
  rocksdb::DB* db = nullptr;
  const auto status =
      rocksdb::DB::Open(database_options(shares), folder.string(), descriptors(shares), &families_, &db);
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
  auto status = database->open_to_write(folder, shares);
  if (is_held_by_another(status)) {
    status = database->open_to_read(folder, shares);  // where it fails, it is the other's to mend
  } else if (is_damaged(status)) {
    status = database->empty_and_open(folder, shares);
  }
  if (!status.ok()) return cannot_be_used(folder, status);
  return database;
}

rocksdb::Status Database::empty_and_open(const std::filesystem::path& folder, const DiskShares& shares) {
  const auto ignored = rocksdb::DestroyDB(folder.string(), rocksdb::Options(), descriptors(shares));
  ignored.PermitUncheckedError();
  was_emptied_ = true;
  return open_to_write(folder, shares);
}

Result<std::unique_ptr<Database>> Database::open_emptied(const std::filesystem::path& folder,
                                                         const DiskShares& shares) {
  std::unique_ptr<Database> database(new Database);
  if (const auto status = database->empty_and_open(folder, shares); !status.ok()) return cannot_be_used(folder, status);
  return database;
}

Result<std::string> Database::note(std::string_view name) const {
  std::string value;
  const auto status = db_->Get({}, notes(), name, &value);
  if (status.IsNotFound()) return std::string();
  if (!status.ok()) return std::unexpected(error_of_read(status));
  return value;
}

Result<std::unique_ptr<Database>> Database::open_to_look(const std::filesystem::path& folder,
                                                         const DiskShares& shares) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / "CURRENT", ignored))
    return fail(Fault::not_found, std::format("there is no disk cache in '{}'", folder.string()));
  std::unique_ptr<Database> database(new Database);
  if (const auto status = database->open_to_read(folder, shares); !status.ok())
    return fail(Fault::unavailable,
                std::format("the folder '{}' cannot be read: {}", folder.string(), status.ToString()));
  return database;
}

Database::~Database() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
  db_->Close();
}

}  // namespace fovea
