// CostPolicy: GreedyDual-Size-Frequency with real cost. It evicts the entry that saves the least time per
// byte, with ageing.
//
// priority = L + frequency * cost / size (Cherkasova, "Improving WWW proxies performance with
// Greedy-Dual-Size-Frequency caching policy", HP Labs HPL-98-69R1, 1998). The cost is the milliseconds that a
// hit saves. It suits entries whose costs and sizes differ by orders of magnitude: a 50-byte response that
// took 3 s outlives a 20 MB embedding that took 1 s. Not thread-safe.
#pragma once

#include "cache/policy/greedy_dual.h"

namespace fovea {

class CostPolicy : public GreedyDual {
 protected:
  double worth(const Item& item) const override;
};

}  // namespace fovea
