// Policy: who leaves a cache when room is needed.
//
// One instance serves one budget and is told of everything that happens to the items under it. It owns no item, knows no
// bytes and no keys, and is exact: given the same calls it makes the same choices. Not thread-safe: the owner
// serialises the calls (Level under its budget's lock, replay on one thread). Pinned entries are taken out of the policy
// for as long as they are pinned, so every item a policy holds may leave.
#pragma once

#include <cstdint>

#include "cache/item.h"

namespace fovea {

// Why an item left. Policies with a memory of the departed (ghosts) remember the evicted only.
enum class Departure : std::uint8_t { evicted, expired, erased, replaced, pinned };

class Policy {
 public:
  virtual ~Policy() = default;

  // `item` came in; its facts are set. It stays until removed().
  virtual void inserted(Item& item) = 0;

  // `item`, which is in, was found. Item::hits has been counted up already.
  virtual void hit(Item& item) = 0;

  // The item that should leave next to make room for `incoming` (null when the budget shrank), still in; null when nothing
  // is in, or when `incoming` is worth less than what it would displace, which is then not stored. The owner answers with
  // removed(victim, evicted) and asks again until there is room, then calls inserted(incoming); or, after null, declined().
  virtual Item* victim(const Item* incoming) = 0;

  // `item` left; the policy forgets its address.
  virtual void removed(Item& item, Departure why) = 0;

  // `incoming` was not stored because victim() returned null.
  virtual void declined(const Item& incoming) { (void)incoming; }

  // item.importance changed while it was in.
  virtual void importance_changed(Item& item) { (void)item; }

  // The budget is `bytes_max` now. Called once before anything else.
  virtual void resized(std::uint64_t bytes_max) { (void)bytes_max; }
};

}  // namespace fovea
