#include "cache/policy/sieve.h"

namespace fovea {

// Item::frequency is the mark: 1 for an entry that was hit since the hand passed it.

void SievePolicy::inserted(Item& item) {
  item.frequency = 0;
  items_.push_back(item);
}

void SievePolicy::hit(Item& item) { item.frequency = 1; }

Item* SievePolicy::victim(const Item* /*incoming*/) {
  if (items_.empty()) return nullptr;
  for (;; ++hand_) {
    if (hand_ == items_.end()) hand_ = items_.begin();
    if (hand_->frequency == 0) return &*hand_;
    hand_->frequency = 0;
  }
}

void SievePolicy::removed(Item& item, RemovalCause /*why*/) {
  const auto place = items_.iterator_to(item);
  if (hand_ == place) ++hand_;
  items_.erase(place);
}

}  // namespace fovea
