// FileStore: images that were uploaded to /v1/files, so that questions can refer to them by id.
//
// A file belongs to the tenant who uploaded it: for others its id does not exist. Files are held in memory
// and removed when their time is over. Where there is no room for a new one, the tenant's own oldest files
// are removed from memory. Where there are tiers, they have every file too, and are asked for what memory
// does not have. Thread-safe. Borrows the tiers, which must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "fovea/blob.h"
#include "serve/files/file_tiers.h"
#include "serve/files/stored_file.h"
#include "serve/wire/refusal.h"
#include "store/lane/tier_lane.h"
#include "store/purge_listeners.h"

namespace fovea::serve {

struct FileStoreOptions {
  std::uint64_t bytes_max = std::uint64_t{256} << 20;
  std::size_t files_max = 10'000;
  double ttl_s = 24 * 3600;
};

class FileStore final : private PurgeListener {
 public:
  // `tiers`: null or empty = files are in memory alone.
  explicit FileStore(FileStoreOptions options, const Tiers* tiers = nullptr);
  ~FileStore();
  FileStore(const FileStore&) = delete;
  FileStore& operator=(const FileStore&) = delete;

  // Stores an image and removes older ones of the same tenant from memory if it must. It is kept as `terms`
  // say, and never for longer than the options do. Waits a moment until the tiers have it (file_tiers.h).
  // Refused: 413, where it is larger than the whole store; 507, where the files of other tenants leave no
  // room.
  Parsed<StoredFile> add(std::string_view tenant, std::string_view name, Blob bytes, FileTerms terms = {});
  // nullopt where this tenant has no such file, or none any more.
  std::optional<StoredFile> find(std::string_view tenant, std::string_view id);
  // Whether there was such a file.
  bool remove(std::string_view tenant, std::string_view id);
  // A tenant's files that are in memory, the newest first: those that were uploaded to this process.
  std::vector<StoredFile> list(std::string_view tenant);
  std::uint64_t bytes() const;  // in memory

 private:
  // Removes the tenant's oldest files until there is room for one of this size. False, with nothing removed,
  // where even all of them would not be enough.
  bool make_room(std::string_view tenant, std::uint64_t size) FOVEA_REQUIRES(mutex_);
  void expire();
  void purged_elsewhere(std::span<const PurgeLabel> labels) override;
  template <typename IsMeant>
  std::vector<StoredFile> take_out(const IsMeant& is_meant) FOVEA_REQUIRES(mutex_);

  const FileStoreOptions options_;
  const Tiers* const tiers_;         // null where there are none
  std::optional<FileTiers> behind_;  // where there are tiers
  mutable Mutex mutex_;
  std::vector<StoredFile> files_ FOVEA_GUARDED_BY(mutex_);  // the oldest first
  std::uint64_t bytes_ FOVEA_GUARDED_BY(mutex_) = 0;
};

}  // namespace fovea::serve
