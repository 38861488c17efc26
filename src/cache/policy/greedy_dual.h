// GreedyDual: the ageing that the scoring policies share. A subclass says what an item is worth.
//
// priority = L + worth. It is set when the item is inserted and at each hit. L, the inflation, is the
// priority of the last evicted item (Young, "The k-server dual and loose competitiveness for paging",
// Algorithmica 1994; Cao and Irani, USENIX Symposium on Internet Technologies and Systems 1997). L only
// rises, so an item without requests falls behind, however much it is worth, and old items cannot stay for
// ever. The victim is the item with the lowest priority; among equals, the one whose priority was set longest
// ago. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>

#include "cache/policy.h"
#include "cache/policy/score_heap.h"

namespace fovea {

class GreedyDual : public Policy {
 public:
  void inserted(Item& item) override;
  void hit(Item& item) final;
  Item* victim(const Item* incoming) final;
  void removed(Item& item, RemovalCause why) final;

 protected:
  // What keeping `item` is worth: finite and not negative. It never falls, except before a call of
  // revalued().
  virtual double worth(const Item& item) const = 0;
  // worth(item) changed, upwards or downwards. Sets the priority anew, as a hit does.
  void revalued(Item& item);
  // `importance` within [0, 1]; NaN gives 0.
  static double clamped_importance(float importance) { return importance > 0 ? std::min(importance, 1.0F) : 0; }

 private:
  void score(Item& item);

  ScoreHeap heap_;
  double inflation_ = 0;
  std::uint64_t stamp_ = 0;
};

}  // namespace fovea
