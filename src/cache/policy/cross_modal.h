// CrossModalPolicy: importance that follows what the answers about an embedding were worth. The paper's cross-modal policy.
//
// Coherence keeps Item::importance up to date between the levels; this policy orders by its present value, ageing as
// ImportancePolicy does. A change of importance is news of the entry (an answer that used it was stored or asked for again),
// so it counts as a touch, and moves the entry at once, downwards too.
#pragma once

#include "cache/policy/greedy_dual.h"

namespace fovea {

class CrossModalPolicy : public GreedyDual {
 public:
  void importance_changed(Item& item) override;

 protected:
  double worth(const Item& item) const override;
};

}  // namespace fovea
