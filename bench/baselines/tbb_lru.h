// TbbLru: oneTBB's concurrent_lru_cache, the library baseline, used as its authors intend.
//
// It has one operation, which finds a value or makes it, and gives a handle. Dropping the handle returns the
// entry to the list of unused ones, of which the cache keeps a number (of entries, since it knows no sizes).
// It is a preview feature, hence the macro. Thread-safe.
#pragma once

#define TBB_PREVIEW_CONCURRENT_LRU_CACHE 1
#include <tbb/concurrent_lru_cache.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "fovea/blob.h"
#include "fovea/key.h"

namespace fovea::bench {

class TbbLru {
 public:
  using Make = Blob (*)(const Key&);

  // Keeps `unused_max` entries that have no handle. `make` gives the value of a missing key.
  TbbLru(Make make, std::size_t unused_max) : cache_(Counting{make}, unused_max) {}

  // Shows the value of `key` to `read` while its handle is held. True if it was there already.
  template <typename Read>
  bool find_or_make(const Key& key, Read&& read) {
    const std::uint64_t made_before = made;
    Cache::handle handle = cache_[key];
    std::forward<Read>(read)(handle.value());
    return made == made_before;
  }

 private:
  // A value is made on the thread that uses it, so a counter of each thread has its own misses.
  static inline thread_local std::uint64_t made = 0;

  struct Counting {
    Make make;
    Blob operator()(const Key& key) const {
      ++made;
      return make(key);
    }
  };
  using Cache = tbb::concurrent_lru_cache<Key, Blob, Counting>;

  Cache cache_;
};

}  // namespace fovea::bench
