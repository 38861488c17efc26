#include "serve/http/open_requests.h"

#include <utility>
#include <vector>

namespace fovea::serve {

OpenRequests::Handle OpenRequests::add(std::stop_source gone) {
  MutexLock lock(mutex_);
  return requests_.insert(requests_.end(), std::move(gone));
}

void OpenRequests::remove(Handle handle) {
  MutexLock lock(mutex_);
  requests_.erase(handle);
}

bool OpenRequests::empty() const {
  MutexLock lock(mutex_);
  return requests_.empty();
}

void OpenRequests::stop_all() {
  std::vector<std::stop_source> stopped;
  {
    MutexLock lock(mutex_);
    stopped.assign(requests_.begin(), requests_.end());
  }
  for (std::stop_source& source : stopped) source.request_stop();
}

}  // namespace fovea::serve
