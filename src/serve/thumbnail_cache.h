// ThumbnailCache: small versions of the pictures that were asked about lately, made when somebody wants to see them.
//
// Serving pays a look-up for it: until a thumbnail is wanted, the thumbnails keeps a reference to the picture's file, which it decodes
// then. Thread-safe. What lies here is bounded in bytes; what was not asked about for longest goes first.
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

  // `tenant` asked about the picture `key`, which `source` decodes to. Decodes and copies nothing.
  void offer(const std::string& tenant, const Key& key, const Blob& source);

  // The picture as a WebP file. One is made at a time, and nobody waits for another's: a page that shows many large pictures
  // takes the memory and the thread of one. Faults: not_found, where `tenant` did not ask about it, or not lately, or it cannot
  // be made; unavailable, while another one is being made.
  Result<Blob> thumbnail(const std::string& tenant, const Key& key);

  void purge(const std::string& tenant);
  void purge(const std::string& tenant, const Key& key);

 private:
  using Name = std::pair<std::string, Key>;
  struct Picture {
    Name name;
    Blob file;
    bool is_thumbnail = false;
  };
  using Pictures = std::list<Picture>;

  static std::uint64_t charge_of(const Picture& picture);
  Result<Picture> find(const Name& name);
  Result<Blob> make(const Picture& picture);
  void put(Picture picture) FOVEA_REQUIRES(mutex_);
  void remove(Pictures::iterator picture) FOVEA_REQUIRES(mutex_);

  const std::uint64_t bytes_max_;
  Semaphore making_{1};
  Mutex mutex_;
  Pictures pictures_ FOVEA_GUARDED_BY(mutex_);  // the last asked about first
  std::map<Name, Pictures::iterator> places_ FOVEA_GUARDED_BY(mutex_);
  std::uint64_t bytes_ FOVEA_GUARDED_BY(mutex_) = 0;
};

}  // namespace fovea::serve
