// KnownRequests: which response key a request leads to, so that the prompt of a request that came before need
// not be rendered to find its answer.
//
// Bounded: a table of fixed size, in which a new entry may take the place of an older one. It holds hashes
// only, nothing that anybody wrote, and a request's key has its scope: nobody learns here what others asked.
// Thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "base/mutex.h"
#include "fovea/key.h"

namespace fovea {

class KnownRequests {
 public:
  static constexpr std::size_t entries_max = 1 << 15;  // 2 MiB

  KnownRequests() : entries_(entries_max) {}

  // The response key of the request with this request_key(); nullopt where it is not known, or no more.
  std::optional<Key> find(const Key& request) const;
  void add(const Key& request, const Key& response);

 private:
  struct Entry {
    Key request, response;  // all zeros: none yet, as no hash is
  };
  static std::size_t place_of(const Key& request) { return request.bits() % entries_max; }

  mutable Mutex mutex_;
  std::vector<Entry> entries_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea
