// FileStore: images that were uploaded to /v1/files, so that questions can refer to them by id.
//
// A file belongs to the tenant who uploaded it: for others its id does not exist. Files are held in memory
// and removed when their time is over. Where there is no room for a new one, the tenant's own oldest files
// are removed. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "fovea/blob.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

struct StoredFile {
  std::string id;
  std::string tenant;
  std::string name;  // the client's name for it, for people only
  Blob bytes;
  double created_unix_s = 0;
  double expires_unix_s = 0;
};

struct FileStoreOptions {
  std::uint64_t bytes_max = std::uint64_t{256} << 20;
  std::size_t files_max = 10'000;
  double ttl_s = 24 * 3600;
};

class FileStore {
 public:
  explicit FileStore(FileStoreOptions options) : options_(options) {}

  // Stores an image and removes older ones of the same tenant if it must. Refused: 413, where it is larger
  // than the whole store; 507, where the files of other tenants leave no room.
  Parsed<StoredFile> add(std::string_view tenant, std::string_view name, Blob bytes);
  // nullopt where this tenant has no such file, or none any more.
  std::optional<StoredFile> find(std::string_view tenant, std::string_view id);
  bool remove(std::string_view tenant, std::string_view id);
  // A tenant's files, the newest first.
  std::vector<StoredFile> list(std::string_view tenant);
  std::uint64_t bytes() const;

 private:
  // Removes the tenant's oldest files until there is room for one of this size. False, with nothing removed,
  // where even all of them would not be enough.
  bool make_room(std::string_view tenant, std::uint64_t size) FOVEA_REQUIRES(mutex_);
  void expire(double now_s) FOVEA_REQUIRES(mutex_);

  const FileStoreOptions options_;
  mutable Mutex mutex_;
  std::vector<StoredFile> files_ FOVEA_GUARDED_BY(mutex_);  // the oldest first
  std::uint64_t bytes_ FOVEA_GUARDED_BY(mutex_) = 0;
};

}  // namespace fovea::serve
