// OpenRequests: the requests that are handled or wait for a thread, so that all of them can be stopped, and
// waited for, when the server shuts down. Thread-safe.
#pragma once

#include <list>
#include <stop_token>

#include "base/mutex.h"

namespace fovea::serve {

class OpenRequests {
 public:
  using Handle = std::list<std::stop_source>::iterator;

  // A request that `gone` stops, until remove().
  Handle add(std::stop_source gone);
  void remove(Handle handle);
  bool empty() const;

  // Requests a stop of each. Stop callbacks run on the calling thread, without the lock.
  void stop_all();

 private:
  mutable Mutex mutex_;
  std::list<std::stop_source> requests_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea::serve
