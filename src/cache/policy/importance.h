// ImportancePolicy: the entry that the model looked at least leaves first, ageing. The paper's importance-based policy.
//
// The paper evicts the lowest attention score. Taken at its word that freezes: once the cache is full of high scores,
// they stay for ever, asked for or not, and every newcomer with a middling score is the next victim. So the score is
// inflated as GreedyDual does it, which changes nothing about the order of entries touched at the same time. The
// importance is the one that the entry had when it came in; CrossModalPolicy is the one that follows it.
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
