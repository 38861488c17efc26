// Policy: chooses the eviction victim of a cache when room is needed.
//
// One instance serves one budget and is told of everything that happens to its items. It owns no item and
// knows no bytes and no keys. It is deterministic: equal calls give equal choices. Not thread-safe: the owner
// serialises the calls (Level under its budget's lock, replay on one thread). A pinned entry is removed from
// the policy while it is pinned, so every item that a policy holds may be evicted.
#pragma once

#include <cstdint>

#include "cache/item.h"

namespace fovea {

// Why an item was removed from the policy. Policies with ghosts remember evicted items only.
enum class RemovalCause : std::uint8_t { evicted, expired, erased, replaced, pinned };

class Policy {
 public:
  virtual ~Policy() = default;

  // `item`, whose facts are set, was stored. The policy holds it until removed().
  virtual void inserted(Item& item) = 0;

  // `item`, which the policy holds, was found. Item::hits already counts this hit.
  virtual void hit(Item& item) = 0;

  // The eviction victim: the item to remove next, to make room for `incoming` (null when the budget shrank).
  // Null when the policy holds nothing, or when it values `incoming` less than what it would displace;
  // `incoming` is then not stored. The owner calls removed(victim, evicted) and asks again until there is
  // room, and then calls inserted(incoming). After null it calls declined(incoming).
  virtual Item* victim(const Item* incoming) = 0;

  // `item` was removed. The policy must not use its address any more.
  virtual void removed(Item& item, RemovalCause why) = 0;

  // `incoming` was not stored because victim() returned null.
  virtual void declined(const Item& incoming) { (void)incoming; }

  // item.importance changed while the policy holds the item.
  virtual void importance_changed(Item& item) { (void)item; }

  // The budget is `bytes_max` now. Called once before anything else.
  virtual void resized(std::uint64_t bytes_max) { (void)bytes_max; }
};

}  // namespace fovea
