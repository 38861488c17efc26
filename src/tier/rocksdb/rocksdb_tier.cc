// A value is the number of bytes that were appended to its family before it, then the entry, sealed. It is copied
// once on its way out, since a Blob is aligned and RocksDB's blocks are not.
//
// What cannot be believed is removed by its key: with FIFO that is a small note in front of it, and its bytes go
// when its file does.
#include "tier/rocksdb/rocksdb_tier.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <format>
#include <string>
#include <utility>

#include "base/units.h"
#include "tier/rocksdb/database.h"
#include "tier/rocksdb/purge_marks.h"

namespace fovea {

namespace {

constexpr const char* format_folder = "v1";

std::size_t index_of(RecordKind kind) { return static_cast<std::size_t>(kind) - 1; }

rocksdb::Slice slice_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

// Where the count of appended bytes is kept, written with each value.
std::string count_name(RecordKind kind) { return "appended/" + std::string(to_string(kind)); }

rocksdb::ReadOptions read_options(const WaitLimits& limits) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  if (limits.deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(*limits.deadline -
                                                                            std::chrono::steady_clock::now());
    const auto now = std::chrono::microseconds(rocksdb::Env::Default()->NowMicros());
    options.deadline = now + std::max(left, std::chrono::microseconds(1));
  }
  return options;
}

Error error_of(const rocksdb::Status& status) {
  if (status.IsTimedOut()) return {Fault::timed_out, "the disk did not answer in time"};
  return {Fault::unavailable, status.ToString()};
}

}  // namespace

Result<std::unique_ptr<RocksdbTier>> RocksdbTier::open(const RocksdbOptions& options) {
  if (options.bytes_max < DiskShares::bytes_min) {
    return fail(Fault::invalid, std::format("{} is too little for a disk cache: give it {} or more",
                                            format_bytes(options.bytes_max), format_bytes(DiskShares::bytes_min)));
  }
  const DiskShares shares = DiskShares::of(options.bytes_max);
  auto database = Database::open(options.folder / format_folder, shares);
  if (!database) return std::unexpected(database.error());
  return std::unique_ptr<RocksdbTier>(new RocksdbTier(std::move(*database), shares));
}

RocksdbTier::RocksdbTier(std::unique_ptr<Database> database, const DiskShares& shares)
    : database_(std::move(database)), shares_(shares), marks_(std::make_unique<PurgeMarks>(*database_)) {
  for (const RecordKind kind : all_record_kinds) {
    std::string value;
    const auto status = database_->db().Get({}, database_->notes(), count_name(kind), &value);
    std::uint64_t appended = 0;
    if (status.ok() && value.size() == sizeof appended) std::memcpy(&appended, value.data(), sizeof appended);
    appended_[index_of(kind)] = appended;
  }
}

RocksdbTier::~RocksdbTier() = default;

Result<std::vector<std::optional<TierHit>>> RocksdbTier::find_many(RecordKind kind, std::span<const Key> keys,
                                                                   const WaitLimits& limits) {
  std::vector<rocksdb::Slice> names;
  for (const Key& key : keys) names.push_back(slice_of(key.bytes));
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database_->db().MultiGet(read_options(limits), database_->family(kind), keys.size(), names.data(), values.data(),
                           statuses.data());
  std::vector<std::optional<TierHit>> hits(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].ok())
      hits[i] = open_value(kind, keys[i], values[i].ToStringView());
    else if (statuses[i].IsCorruption())
      doubt(kind, keys[i], RecordFault::wrong_checksum);
    else if (!statuses[i].IsNotFound())
      return std::unexpected(error_of(statuses[i]));
  }
  return hits;
}

Result<std::optional<Tier::Last>> RocksdbTier::find_last(RecordKind kind, std::span<const Key> keys,
                                                         const WaitLimits& limits) {
  const rocksdb::ReadOptions options = read_options(limits);
  rocksdb::DB& db = database_->db();
  for (std::size_t i = keys.size(); i-- > 0;) {
    std::string small;  // set only where the value is in memory
    if (!db.KeyMayExist(options, database_->family(kind), slice_of(keys[i].bytes), &small)) continue;
    auto hits = find_many(kind, keys.subspan(i, 1), limits);
    if (!hits) return std::unexpected(hits.error());
    if (std::optional<TierHit>& hit = hits->front()) return Last{i, std::move(*hit)};
  }
  return std::nullopt;
}

// The hit in `value`, unless it cannot be believed.
std::optional<TierHit> RocksdbTier::open_value(RecordKind kind, const Key& key, std::string_view value) {
  std::uint64_t place = 0;
  if (value.size() < sizeof place) {
    doubt(kind, key, RecordFault::too_short);
    return std::nullopt;
  }
  std::memcpy(&place, value.data(), sizeof place);
  const auto entry = bytes_of(value.substr(sizeof place));
  const auto head_bytes = sealed_head_bytes(entry);
  if (!head_bytes || *head_bytes > entry.size()) {
    doubt(kind, key, head_bytes ? RecordFault::wrong_length : head_bytes.error());
    return std::nullopt;
  }
  auto opened = open_entry(entry.first(*head_bytes), Blob::copy_of(entry.subspan(*head_bytes)), kind, key);
  if (!opened) {
    doubt(kind, key, opened.error());
    return std::nullopt;
  }
  if (!marks_->is_current(opened->hit.entry, opened->generations)) {
    doubt(kind, key, RecordFault::purged);
    return std::nullopt;
  }
  const std::uint64_t appended_since = appended_[index_of(kind)] - place;
  opened->hit.fading = appended_since > shares_.families[index_of(kind)].files_bytes_max / 2;
  return std::move(opened->hit);
}

void RocksdbTier::doubt(RecordKind kind, const Key& key, RecordFault fault) {
  ++doubtful_[static_cast<std::size_t>(fault)];
  if (!read_only()) database_->db().Delete({}, database_->family(kind), slice_of(key.bytes));
}

Result<void> RocksdbTier::refuse_to_write() const {
  return fail(Fault::unsupported, "another process has the disk cache open: it is read, and not written");
}

Result<void> RocksdbTier::insert(RecordKind kind, const TierEntry& entry) {
  if (read_only()) return refuse_to_write();
  if (entry.record.size() > shares_.families[index_of(kind)].value_bytes_max) {
    return fail(Fault::too_large, std::format("a value of {} is more than the disk cache takes: {}",
                                              format_bytes(entry.record.size()),
                                              format_bytes(shares_.families[index_of(kind)].value_bytes_max)));
  }
  const std::vector<std::byte> head = seal_entry(kind, entry, marks_->of(entry));
  const std::uint64_t bytes = sizeof(std::uint64_t) + head.size() + entry.record.size();
  const std::uint64_t place = appended_[index_of(kind)].fetch_add(bytes);
  const std::uint64_t appended = place + bytes;
  const rocksdb::Slice name = slice_of(entry.key.bytes);
  const rocksdb::Slice parts[] = {slice_of(std::as_bytes(std::span(&place, 1))), slice_of(head),
                                  slice_of(entry.record.bytes())};
  rocksdb::WriteBatch batch;
  batch.Put(database_->family(kind), rocksdb::SliceParts(&name, 1), rocksdb::SliceParts(parts, std::size(parts)));
  batch.Put(database_->notes(), count_name(kind), slice_of(std::as_bytes(std::span(&appended, 1))));
  auto status = database_->db().Write({}, &batch);
  if (status.IsIOError() && database_->db().Resume().ok()) status = database_->db().Write({}, &batch);
  if (!status.ok()) return std::unexpected(error_of(status));
  return {};
}

Result<void> RocksdbTier::erase(RecordKind kind, std::span<const Key> keys) {
  if (read_only()) return refuse_to_write();
  rocksdb::WriteBatch batch;
  for (const Key& key : keys) batch.Delete(database_->family(kind), slice_of(key.bytes));
  if (const auto status = database_->db().Write({}, &batch); !status.ok()) return std::unexpected(error_of(status));
  return {};
}

Result<void> RocksdbTier::purge(const Key& tenant) {
  if (read_only()) return refuse_to_write();
  return marks_->purge({.tenant = tenant, .image = {}});
}

Result<void> RocksdbTier::purge(const Key& tenant, const Key& image) {
  if (read_only()) return refuse_to_write();
  return marks_->purge({.tenant = tenant, .image = image});
}

TierContent RocksdbTier::content(RecordKind kind) const {
  const auto number = [&](const std::string& property) {
    std::uint64_t value = 0;
    database_->db().GetIntProperty(database_->family(kind), property, &value);
    return value;
  };
  return {.entries = number(rocksdb::DB::Properties::kEstimateNumKeys),
          .bytes = number(rocksdb::DB::Properties::kTotalSstFilesSize) +
                   number(rocksdb::DB::Properties::kCurSizeAllMemTables),
          .bytes_max = shares_.families[index_of(kind)].files_bytes_max};
}

std::array<std::uint64_t, record_faults> RocksdbTier::doubtful() const {
  std::array<std::uint64_t, record_faults> counts{};
  for (std::size_t i = 0; i < record_faults; ++i) counts[i] = doubtful_[i];
  return counts;
}

bool RocksdbTier::read_only() const { return database_->read_only(); }

bool RocksdbTier::was_emptied() const { return database_->was_emptied(); }

}  // namespace fovea
