// RocksdbTier: the disk: entries in a RocksDB of a folder, within a number of bytes.
//
// Entries outlive the process, a kill, and an upgrade of the program; what a machine wrote in its last seconds
// before it lost power may be gone, and the purges are not. Each value is appended. The oldest values go first,
// and a value that is found while it is among the older half is fading: its caller inserts it again. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "store/sealed_entry.h"
#include "store/tier.h"
#include "tier/rocksdb/disk_shares.h"

namespace fovea {

class Database;
class PurgeMarks;

struct RocksdbOptions {
  std::filesystem::path folder;  // made where it is missing; the tier is a folder of the format's version in it
  std::uint64_t bytes_max = 0;   // of all files together; DiskShares::bytes_min at least
};

class RocksdbTier final : public Tier {
 public:
  // Faults: invalid: too few bytes; unavailable: the folder cannot be used.
  static Result<std::unique_ptr<RocksdbTier>> open(const RocksdbOptions& options);
  ~RocksdbTier() override;

  TierKind kind() const override { return TierKind::disk; }
  Result<std::vector<std::optional<TierHit>>> find_many(RecordKind kind, std::span<const Key> keys,
                                                        const WaitLimits& limits) override;
  Result<std::optional<Last>> find_last(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) override;
  Result<void> insert(RecordKind kind, const TierEntry& entry) override;
  Result<void> erase(RecordKind kind, std::span<const Key> keys) override;
  Result<void> purge(const Key& tenant) override;
  Result<void> purge(const Key& tenant, const Key& image) override;
  TierContent content(RecordKind kind) const override;
  std::array<std::uint64_t, record_faults> doubtful() const override;

  // Another process has the folder open: what it had is found, and nothing is written.
  bool read_only() const;
  // The folder was damaged beyond repair, so the tier began empty.
  bool was_emptied() const;

 private:
  RocksdbTier(std::unique_ptr<Database> database, const DiskShares& shares);
  std::optional<TierHit> open_value(RecordKind kind, const Key& key, std::string_view value);
  void doubt(RecordKind kind, const Key& key, RecordFault fault);
  Result<void> refuse_to_write() const;

  const std::unique_ptr<Database> database_;
  const DiskShares shares_;
  const std::unique_ptr<PurgeMarks> marks_;
  // Bytes appended to each family so far: a value's place among them tells how soon it goes.
  std::array<std::atomic<std::uint64_t>, record_kinds> appended_{};
  std::array<std::atomic<std::uint64_t>, record_faults> doubtful_{};
};

}  // namespace fovea
