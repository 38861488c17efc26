#include "cache/policy/cost.h"

#include <algorithm>

namespace fovea {

namespace {

// Eleven days. A cost from a broken clock or a hostile trace must not raise the inflation above all other
// priorities.
constexpr double cost_max_ms = 1e9;

}  // namespace

double CostPolicy::worth(const Item& item) const {
  const double cost_ms = item.cost_ms > 0 ? std::min(item.cost_ms, cost_max_ms) : 0;  // NaN is 0 too
  const double frequency = item.hits + 1.0;
  return frequency * cost_ms / static_cast<double>(std::max<std::uint64_t>(item.size, 1));
}

}  // namespace fovea
