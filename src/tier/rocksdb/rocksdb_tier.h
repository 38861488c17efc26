// RocksdbTier: the disk: entries in a RocksDB of a folder, within a number of bytes.
//
// Entries outlive the process, a kill, and an upgrade of the program; what a machine wrote in its last
// seconds before it lost power may be gone, and the purges are not. Which entries stay, the policy `value`
// decides (disk_index.h). Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "store/sealed_entry.h"
#include "store/tier.h"
#include "tier/rocksdb/disk_index.h"
#include "tier/rocksdb/disk_shares.h"

namespace fovea {

class Database;
class PurgeMarks;

struct RocksdbOptions {
  std::filesystem::path folder;  // made where it is missing; the tier is a folder of the format's version in it
  std::uint64_t bytes_max = 0;   // of all files together; DiskShares::bytes_min at least
  bool read_only = false;        // only look: nothing is made, written or mended, and others may write meanwhile
};

class RocksdbTier final : public Tier {
 public:
  static constexpr const char* format_folder = "v1";  // in the folder that was named

  // Faults: invalid: too few bytes; unavailable: the folder cannot be used; corrupt: it is damaged, and is
  // another process's to empty, or only looked at.
  static Result<std::unique_ptr<RocksdbTier>> open(const RocksdbOptions& options);
  ~RocksdbTier() override;

  TierKind kind() const override { return TierKind::disk; }
  Result<std::vector<std::optional<TierHit>>> find_many(RecordKind kind, std::span<const Key> keys,
                                                        const WaitLimits& limits) override;
  Result<std::optional<Last>> find_last(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) override;
  // An entry that the policy declines is not kept, and is no fault. Faults, besides Tier's: too_large;
  // unsupported: another process has the folder.
  Result<void> insert(RecordKind kind, const TierEntry& entry) override;
  Result<void> erase(RecordKind kind, std::span<const Key> keys) override;
  // From the index alone, without waiting for an insertion.
  void drop(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) override;
  Result<void> purge_labels(std::span<const PurgeLabel> labels) override;
  // Gone with the folder's content, where that is found damaged.
  std::string purges_followed() const override;
  Result<void> note_purges_followed(std::string_view position) override;
  Result<KeyPage> keys(RecordKind kind, std::string_view from, const WaitLimits& limits) override;
  TierContent content(RecordKind kind) const override { return index_.content(kind); }  // what is alive
  std::array<std::uint64_t, record_faults> doubtful() const override;

  // Opened so, or another process has the folder open: what it had is found, and nothing is written.
  bool read_only() const;
  // What the folder has was damaged, so the tier began empty.
  bool was_emptied() const;

 private:
  RocksdbTier(std::unique_ptr<Database> database, const DiskShares& shares);
  static Result<std::unique_ptr<RocksdbTier>> load(Result<std::unique_ptr<Database>> database,
                                                   const DiskShares& shares);
  Result<void> load_notes();
  Result<void> load_index();
  Result<std::unordered_map<std::uint64_t, std::size_t>> recall_learnt();
  void keep_learnt() FOVEA_REQUIRES(appending_);
  std::optional<TierHit> open_value(const DiskName& name, std::uint64_t place, std::string_view value);
  void doubt(const DiskName& name, std::uint64_t place, RecordFault fault);
  void erase_from_index(const std::vector<DiskName>& names);
  void erase_gone(const DiskName& name, std::uint64_t place);
  Result<void> append(const DiskName& name, DiskFacts facts, std::span<const std::span<const std::byte>> parts)
      FOVEA_REQUIRES(appending_);
  Result<void> erase_values(RecordKind kind, std::span<const Key> keys) FOVEA_REQUIRES(appending_);
  Result<void> rescue_old(std::uint64_t bytes_max) FOVEA_REQUIRES(appending_);
  Result<void> refuse_to_write() const;

  const std::unique_ptr<Database> database_;
  const DiskShares shares_;
  std::unique_ptr<PurgeMarks> marks_;
  DiskIndex index_;
  Mutex appending_;  // held while values are appended: the order of the log is that of the places
  std::uint64_t appended_ FOVEA_GUARDED_BY(appending_) = 0;  // bytes, since the folder was made
  std::chrono::steady_clock::time_point learnt_kept_at_ FOVEA_GUARDED_BY(appending_) = std::chrono::steady_clock::now();
  mutable Mutex followed_mutex_;
  std::string followed_ FOVEA_GUARDED_BY(followed_mutex_);  // as the notes have it
  bool is_loaded_ = false;                                  // what was kept is known
  std::array<std::atomic<std::uint64_t>, record_faults> doubtful_{};
};

}  // namespace fovea
