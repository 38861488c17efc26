#include "store/purge_listeners.h"

namespace fovea {

void PurgeListeners::add(PurgeListener& listener) {
  MutexLock lock(mutex_);
  listeners_.push_back(&listener);
}

void PurgeListeners::remove(PurgeListener& listener) {
  MutexLock lock(mutex_);
  std::erase(listeners_, &listener);
  while (telling_ > 0) told_.wait(mutex_);
}

void PurgeListeners::tell(std::span<const PurgeLabel> labels) {
  std::vector<PurgeListener*> listeners;
  {
    MutexLock lock(mutex_);
    ++telling_;
    listeners = listeners_;
  }
  for (PurgeListener* const listener : listeners) listener->purged_elsewhere(labels);
  {
    MutexLock lock(mutex_);
    --telling_;
  }
  told_.notify_all();
}

}  // namespace fovea
