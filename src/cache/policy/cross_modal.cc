#include "cache/policy/cross_modal.h"

namespace fovea {

void CrossModalPolicy::importance_changed(Item& item) { revalued(item); }

double CrossModalPolicy::worth(const Item& item) const { return clamped_importance(item.importance); }

}  // namespace fovea
