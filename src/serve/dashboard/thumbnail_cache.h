// ThumbnailCache: small versions of the images that were asked about recently, for the dashboard. Made when
// first requested.
//
// Serving a question costs one look-up here: until its thumbnail is requested, an entry refers to the image's
// file, which is decoded then. Bounded in bytes; the entry that was offered least recently is evicted first.
// Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/mutex.h"
#include "base/semaphore.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"

namespace fovea::serve {

class ThumbnailCache {
 public:
  explicit ThumbnailCache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // `tenant` asked about the image `key`, which `source` decodes to. Decodes and copies nothing.
  void offer(const std::string& tenant, const Key& key, const Blob& source);

  // The image as a small WebP file. One is made at a time, and no caller waits for another's: a page that
  // shows many large images takes the memory and the thread of one. Faults: not_found, where `tenant` did not
  // ask about the image recently, or it cannot be made; unavailable, while another one is being made.
  Result<Blob> thumbnail(const std::string& tenant, const Key& key);

  // Removes the images of a tenant, or one of them.
  void purge(const std::string& tenant);
  void purge(const std::string& tenant, const Key& key);

 private:
  using Name = std::pair<std::string, Key>;
  struct Entry {
    Name name;
    Blob file;
    bool is_thumbnail = false;  // otherwise `file` is the image as the client sent it
  };
  using Entries = std::list<Entry>;

  static std::uint64_t charge_of(const Entry& entry);
  Result<Entry> find(const Name& name);
  Result<Blob> make(const Entry& entry);
  void put(Entry entry) FOVEA_REQUIRES(mutex_);
  void remove(Entries::iterator entry) FOVEA_REQUIRES(mutex_);

  const std::uint64_t bytes_max_;
  Semaphore making_{1};
  Mutex mutex_;
  Entries entries_ FOVEA_GUARDED_BY(mutex_);  // the last offered first
  std::map<Name, Entries::iterator> index_ FOVEA_GUARDED_BY(mutex_);
  std::uint64_t bytes_ FOVEA_GUARDED_BY(mutex_) = 0;
};

}  // namespace fovea::serve
