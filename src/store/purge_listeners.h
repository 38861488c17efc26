// PurgeListeners: those in this process who remove what other processes purged from a shared tier.
//
// Each TierLane has its own, and who keeps what tiers gave adds itself at every lane: it need not know which
// of them is shared. The follower of the log tells those of the one lane that is, so each is told once. Who
// purges a tier itself tells the listeners of that lane.
//
// Thread-safe. Who is told is alive: remove() waits for a round that is under way.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <span>
#include <vector>

#include "base/mutex.h"
#include "store/purge_label.h"

namespace fovea {

class PurgeListener {
 public:
  // Removes what `labels` cover. Nothing that was found before is kept behind this.
  virtual void purged_elsewhere(std::span<const PurgeLabel> labels) = 0;

 protected:
  ~PurgeListener() = default;
};

class PurgeListeners {
 public:
  void add(PurgeListener& listener);
  // On return the listener is told nothing more. REQUIRES: not called by a listener that is being told.
  void remove(PurgeListener& listener);

  // Tells all of them, on the calling thread.
  void tell(std::span<const PurgeLabel> labels);

 private:
  Mutex mutex_;
  std::condition_variable_any told_;
  std::vector<PurgeListener*> listeners_ FOVEA_GUARDED_BY(mutex_);
  std::size_t telling_ FOVEA_GUARDED_BY(mutex_) = 0;  // rounds that are under way
};

}  // namespace fovea
