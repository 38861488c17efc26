#include "cache/policy/importance.h"

#include <bit>

namespace fovea {

// Item::frequency holds the bits of the importance that the entry was stored with.
void ImportancePolicy::inserted(Item& item) {
  item.frequency = std::bit_cast<std::uint32_t>(item.importance);
  GreedyDual::inserted(item);
}

double ImportancePolicy::worth(const Item& item) const {
  return clamped_importance(std::bit_cast<float>(item.frequency));
}

}  // namespace fovea
