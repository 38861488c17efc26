// CrossModalPolicy: evicts the entry of least importance now, with ageing. The paper's cross-modal policy.
//
// Coherence updates Item::importance from the responses made from an embedding. This policy orders by the
// present importance, aged as in ImportancePolicy. A change of importance means that a response made from the
// entry was stored or used again. It counts as a use of the entry, and moves the entry at once, downwards
// too. Not thread-safe.
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
