// SievePolicy: one FIFO queue and a hand that spares what was hit.
//
// SIEVE (Zhang et al., "SIEVE is simpler than LRU", NSDI 2024): entries queue in the order they came and a hit only marks.
// To evict, the hand moves from the oldest towards the newest, takes the first unmarked entry, unmarks those it passes, and stays where
// it is; behind the newest it starts over at the oldest. Newcomers meet the hand soon unless they are hit: quick demotion.
#pragma once

#include "cache/policy.h"

namespace fovea {

class SievePolicy : public Policy {
 public:
  void inserted(Item& item) override;
  void hit(Item& item) override;
  Item* victim(const Item* incoming) override;
  void removed(Item& item, Departure why) override;

 private:
  ItemList items_;                          // the oldest first
  ItemList::iterator hand_ = items_.end();  // the next to look at; end() stands for the oldest
};

}  // namespace fovea
