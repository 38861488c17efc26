#include "audit/savings/entry_cache.h"

namespace fovea {

void UnboundedEntries::insert(std::uint32_t key, const ItemFacts& facts) {
  if (present_[key]) return;
  present_[key] = true;
  bytes_[facts.level] += facts.size;
}

void PolicyEntries::insert(std::uint32_t key, const ItemFacts& facts) {
  if (!cache_.contains(key)) cache_.insert(key, facts);
}

}  // namespace fovea
