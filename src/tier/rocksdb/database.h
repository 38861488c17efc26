// Database: a RocksDB in a folder, with one column family for each kind of record and one for the tier's own
// notes.
//
// Families of records are FIFO: a value is appended, and the oldest file goes when a family's files exceed its
// share of the bytes. Nothing is compacted, so each value is written twice (log and file) and never again.
// Thread-safe.
#pragma once

#include <rocksdb/db.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "fovea/result.h"
#include "store/record.h"
#include "tier/rocksdb/disk_shares.h"

namespace fovea {

class Database {
 public:
  // Opens the database in `folder`, or makes it. Where another process has it open, it is opened to be read
  // only, as it was then. A database that is damaged beyond repair is emptied.
  // Faults: unavailable: the folder cannot be made, read or written.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder, const DiskShares& shares);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(RecordKind kind) const { return families_[static_cast<std::size_t>(kind)]; }
  rocksdb::ColumnFamilyHandle* notes() const { return families_[0]; }

  bool read_only() const { return read_only_; }
  bool was_emptied() const { return was_emptied_; }  // it was damaged

 private:
  Database() = default;
  rocksdb::Status open_to_write(const std::filesystem::path& folder, const DiskShares& shares, bool best_effort);
  rocksdb::Status open_to_read(const std::filesystem::path& folder, const DiskShares& shares);

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // the notes, then by kind
  bool read_only_ = false;
  bool was_emptied_ = false;
};

}  // namespace fovea
