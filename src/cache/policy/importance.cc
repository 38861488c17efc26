#include "cache/policy/importance.h"

#include <bit>

namespace fovea {

// The importance at the time of storing is noted in `frequency`, which this policy has no other use for.
void ImportancePolicy::inserted(Item& item) {
  item.frequency = std::bit_cast<std::uint32_t>(item.importance);
  GreedyDual::inserted(item);
}

double ImportancePolicy::worth(const Item& item) const {
  return clamped_importance(std::bit_cast<float>(item.frequency));
}

}  // namespace fovea
