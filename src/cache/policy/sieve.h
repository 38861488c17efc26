// SievePolicy: one FIFO queue and a hand that skips entries that were hit.
//
// SIEVE (Zhang et al., "SIEVE is simpler than LRU", NSDI 2024). Entries queue in the order of insertion; a
// hit only marks an entry. To evict, the hand moves from the oldest towards the newest entry, unmarks the
// marked entries that it passes, takes the first unmarked one, and stays there. After the newest it continues
// at the oldest. A newcomer meets the hand soon unless it is hit: quick demotion. Not thread-safe.
#pragma once

#include "cache/policy.h"

namespace fovea {

class SievePolicy : public Policy {
 public:
  void inserted(Item& item) override;
  void hit(Item& item) override;
  Item* victim(const Item* incoming) override;
  void removed(Item& item, RemovalCause why) override;

 private:
  ItemList items_;                          // oldest first
  ItemList::iterator hand_ = items_.end();  // the next to examine; end() stands for the oldest
};

}  // namespace fovea
