#include "pipeline/known_requests.h"

namespace fovea {

std::optional<Key> KnownRequests::find(const Key& request) const {
  MutexLock lock(mutex_);
  const Entry& entry = entries_[place_of(request)];
  if (entry.request != request) return std::nullopt;
  return entry.response;
}

void KnownRequests::add(const Key& request, const Key& response) {
  MutexLock lock(mutex_);
  entries_[place_of(request)] = {request, response};
}

}  // namespace fovea
