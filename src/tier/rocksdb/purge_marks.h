// PurgeMarks: how often each tenant, and each image of a tenant, was purged from a disk.
//
// An entry says how often its tenant and its images had been purged when it was written. Where one of them
// was purged since, it is not believed. So a purge is one small write, which is on the disk when it returns,
// whatever the database holds. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>

#include "base/mutex.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "store/purge_label.h"
#include "store/sealed_entry.h"
#include "tier/rocksdb/database.h"

namespace fovea {

class PurgeMarks {
 public:
  // Above these, everything is purged and counting begins again: marks stay in memory.
  static constexpr std::size_t marks_max = 65'536;

  // Those that `database` has; it must outlive the marks. Faults: corrupt, where some of them cannot be read:
  // then nothing that the database has can be believed; unavailable.
  static Result<std::unique_ptr<PurgeMarks>> load(Database& database);

  // What an entry is stored with now.
  Generations of(const TierEntry& entry) const;
  // Whether nothing of the entry was purged since it was stored with `generations`.
  bool is_current(const TierEntry& entry, const Generations& generations) const;

  // All of them or none, synced to the disk. Faults: unavailable.
  Result<void> purge(std::span<const PurgeLabel> labels);
  Result<void> purge(const PurgeLabel& label) { return purge(std::span(&label, 1)); }

 private:
  explicit PurgeMarks(Database& database) : database_(database) {}

  using Counts = std::unordered_map<Key, std::uint32_t, KeyHash>;

  static Key name_of(const Key& tenant, const Key* image);
  std::uint64_t count(const Key& name) const FOVEA_REQUIRES(mutex_);
  std::optional<Counts> counts_after(std::span<const PurgeLabel> labels) const FOVEA_REQUIRES(mutex_);

  Result<void> write(const std::optional<Counts>& changed, std::uint64_t era);

  Database& database_;
  Mutex purging_;  // held while a purge is written; taken before the other
  mutable Mutex mutex_;
  std::uint64_t era_ FOVEA_GUARDED_BY(mutex_) = 0;  // how often everything was purged
  Counts counts_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea
