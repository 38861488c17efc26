// ImportancePolicy: evicts the entry that the model attended to least, with ageing. The paper's
// importance-based policy.
//
// The paper evicts the lowest attention score. Without ageing such a cache freezes: once it is full of high
// scores, they stay for ever, requested or not, and every newcomer with a lower score is the next victim. So
// the score is inflated as in GreedyDual. That does not change the order of entries that were used at the
// same time. The importance is the one that the entry was stored with; CrossModalPolicy follows its changes.
// Not thread-safe.
#pragma once

#include "cache/policy/greedy_dual.h"

namespace fovea {

class ImportancePolicy : public GreedyDual {
 public:
  void inserted(Item& item) override;

 protected:
  double worth(const Item& item) const override;
};

}  // namespace fovea
