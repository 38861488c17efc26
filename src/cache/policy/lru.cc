#include "cache/policy/lru.h"

namespace fovea {

void LruPolicy::inserted(Item& item) { items_.push_back(item); }

void LruPolicy::hit(Item& item) { items_.splice(items_.end(), items_, items_.iterator_to(item)); }

Item* LruPolicy::victim(const Item* /*incoming*/) { return items_.empty() ? nullptr : &items_.front(); }

void LruPolicy::removed(Item& item, RemovalCause /*why*/) { items_.erase(items_.iterator_to(item)); }

}  // namespace fovea
