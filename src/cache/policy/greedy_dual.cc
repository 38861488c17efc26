#include "cache/policy/greedy_dual.h"

#include <algorithm>

namespace fovea {

void GreedyDual::inserted(Item& item) {
  score(item);
  heap_.push(item);
}

void GreedyDual::hit(Item& item) { score(item); }

Item* GreedyDual::victim(const Item* /*incoming*/) { return heap_.lowest(); }

void GreedyDual::removed(Item& item, RemovalCause why) {
  if (why == RemovalCause::evicted) inflation_ = std::max(inflation_, item.priority);
  heap_.erase(item);
}

void GreedyDual::revalued(Item& item) {
  score(item);
  heap_.lowered(item);
}

void GreedyDual::score(Item& item) {
  item.priority = inflation_ + worth(item);
  item.stamp = ++stamp_;
}

}  // namespace fovea
