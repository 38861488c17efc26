// GreedyDual: the ageing that the scoring policies share. What an item is worth is the subclass's business.
//
// priority = L + worth, set when the item comes in and at each of its hits, where L, the inflation, is the priority of the
// last evicted item (Young, "The k-server dual and loose competitiveness for paging", Algorithmica 1994; Cao and Irani,
// USENIX Symposium on Internet Technologies and Systems 1997). L only rises, so an item that is not asked for falls behind
// however much it once was worth: the cache cannot freeze. The lowest priority leaves; among equals, the one set longest ago.
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
  void removed(Item& item, Departure why) final;

 protected:
  // What keeping `item` is worth: finite, not negative, and never falling but before a call of revalued().
  virtual double worth(const Item& item) const = 0;
  // worth(item) changed, upwards or downwards, which is news of the item: its priority is set anew.
  void revalued(Item& item);
  // `importance` within [0, 1]; 0 for what is no number.
  static double clamped_importance(float importance) { return importance > 0 ? std::min(importance, 1.0F) : 0; }

 private:
  void score(Item& item);

  ScoreHeap heap_;
  double inflation_ = 0;
  std::uint64_t stamp_ = 0;
};

}  // namespace fovea
