// PendingRemovals: what a tier was told to remove and did not. Until it has, nothing of it is believed that
// the tier finds.
//
// Bounded: of too many labels of one tenant, its all is left; of still more removals, that everything is to
// be removed. So whatever was forgotten is removed too, and then the tier is believed again. Thread-safe.
// Those of one moment are a pointer to what never changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "store/removal.h"

namespace fovea {

class PendingRemovals {
 public:
  static constexpr std::size_t removals_max = 4096;

  struct Numbered {
    std::uint64_t number;  // in the order in which they were added
    Removal removal;
  };
  // Those of one moment, the oldest first.
  struct Moment {
    std::vector<Numbered> removals;

    bool cover(RecordKind kind, const TierEntry& entry) const;
  };

  void add(Removal removal);

  std::shared_ptr<const Moment> now() const;

  // All up to the one of `number` are done, as now() had them.
  void done_through(std::uint64_t number);

 private:
  mutable Mutex mutex_;
  std::uint64_t added_ FOVEA_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<const Moment> pending_ FOVEA_GUARDED_BY(mutex_) = std::make_shared<const Moment>();
};

}  // namespace fovea
