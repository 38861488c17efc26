// CostPolicy: GreedyDual-Size-Frequency with real cost. What saves the fewest milliseconds per byte leaves first, ageing.
//
// priority = L + frequency * cost / size (Cherkasova, "Improving WWW proxies performance with Greedy-Dual-Size-Frequency
// caching policy", HP Labs HPL-98-69R1, 1998), with the milliseconds that a hit saves as the cost. The right shape for entries whose
// cost and size differ by orders of magnitude: a 50-byte response that took 3 s outlives a 20 MB embedding that took 1 s.
#pragma once

#include "cache/policy/greedy_dual.h"

namespace fovea {

class CostPolicy : public GreedyDual {
 protected:
  double worth(const Item& item) const override;
};

}  // namespace fovea
