// Database: a RocksDB in a folder, with a column family for values, one for what is known of each, and one
// for the tier's own notes.
//
// The family of values is FIFO: a value is appended, and the oldest file goes when all of them exceed their
// share of the bytes. Nothing is compacted, so each value is written twice, to the write-ahead log and to a
// file. Thread-safe.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/result.h"
#include "tier/rocksdb/disk_shares.h"

namespace fovea {

class Database {
 public:
  // Opens the database in `folder`, or makes it. Where another process has it open, it is opened to be read
  // only, as it was then. A damaged database is emptied.
  // Faults: unavailable: the folder cannot be made, read or written.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder, const DiskShares& shares);
  // The same, of nothing: for a database whose damage was found when it was read. REQUIRES: it is not open.
  static Result<std::unique_ptr<Database>> open_emptied(const std::filesystem::path& folder, const DiskShares& shares);
  // Opens the database in `folder` to be read only, as it is now; nothing is made or mended, and another
  // process may write. Faults: not_found, where there is none; unavailable.
  static Result<std::unique_ptr<Database>> open_to_look(const std::filesystem::path& folder, const DiskShares& shares);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  // Writes the batch, also after a fault that made RocksDB refuse to write until it is told to go on.
  rocksdb::Status write(rocksdb::WriteBatch& batch, const rocksdb::WriteOptions& options = {});
  rocksdb::ColumnFamilyHandle* notes() const { return families_[0]; }
  rocksdb::ColumnFamilyHandle* index() const { return families_[1]; }
  rocksdb::ColumnFamilyHandle* values() const { return families_[2]; }

  // What the tier noted under `name`; "" where it noted nothing. Faults: corrupt; unavailable.
  Result<std::string> note(std::string_view name) const;

  bool read_only() const { return read_only_; }
  bool was_emptied() const { return was_emptied_; }  // it was damaged

 private:
  Database() = default;
  rocksdb::Status empty_and_open(const std::filesystem::path& folder, const DiskShares& shares);
  rocksdb::Status open_to_write(const std::filesystem::path& folder, const DiskShares& shares);
  rocksdb::Status open_to_read(const std::filesystem::path& folder, const DiskShares& shares);

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // notes, index, values
  bool read_only_ = false;
  bool was_emptied_ = false;
};

// What a read that failed with `status` means: corrupt, where what lies there is damaged, or unavailable.
Error error_of_read(const rocksdb::Status& status);

}  // namespace fovea
