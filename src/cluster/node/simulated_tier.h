// SimulatedTier: a disk, or the way to the shared tier, as a node's lane uses it: the interface.
//
// Not thread-safe. A call takes virtual time. It borrows nothing of its caller's.
#pragma once

#include <cstdint>

#include "cluster/coroutine/task.h"
#include "cluster/node/entry.h"

namespace fovea {

struct TierAnswer {
  enum class What : std::uint8_t { found, missing, fault } what = What::missing;
  double cost_ms = 0;  // of what was found, as its maker said
  std::uint64_t bytes = 0;
};

class SimulatedTier {
 public:
  virtual ~SimulatedTier() = default;

  virtual TierKind kind() const = 0;
  // The entry of this kind and key. Not there within `limit_ms` is a fault.
  virtual Task<TierAnswer> find(StoredEntry entry, double limit_ms) = 0;
  // Stores it; false is a fault.
  virtual Task<bool> insert(StoredEntry entry) = 0;

  enum class Lease : std::uint8_t { acquired, held, fault };
  // Asks the others to leave `key` to this node for so long. A tier that nobody shares has none.
  virtual Task<Lease> acquire_lease(std::uint64_t /*key*/, double /*time_ms*/) { co_return Lease::acquired; }
  virtual void release_lease(std::uint64_t /*key*/) {}
};

}  // namespace fovea
