// As exact_cache.cc, with the items in a hash table whose nodes do not move. An item's id is its key, so a
// victim's key is known.
#include "cache/sparse_cache.h"

#include <utility>

#include "base/check.h"

namespace fovea {

SparseCache::SparseCache(std::unique_ptr<Policy> policy, std::uint64_t bytes_max, Evicted evicted)
    : policy_(std::move(policy)), bytes_max_(bytes_max), evicted_(std::move(evicted)) {
  policy_->resized(bytes_max);
}

bool SparseCache::find(std::uint64_t key) {
  const auto found = items_.find(key);
  if (found == items_.end()) return false;
  ++found->second.hits;
  policy_->hit(found->second);
  return true;
}

Admission SparseCache::insert(std::uint64_t key, const ItemFacts& facts) {
  check(!contains(key), "a key is inserted only while it is not cached");
  if (facts.size > bytes_max_) return Admission::too_large;
  // At the place where it will stay: a policy may know a newcomer by its address.
  Item& item = items_[key];
  item.id = key;
  item.size = facts.size;
  item.cost_ms = facts.cost_ms;
  item.importance = facts.importance;
  item.level = facts.level;
  if (!make_room(item)) {
    items_.erase(key);
    return Admission::declined;
  }
  bytes_ += item.size;
  policy_->inserted(item);
  return Admission::stored;
}

bool SparseCache::make_room(const Item& incoming) {
  while (bytes_ + incoming.size > bytes_max_) {
    const Item* victim = policy_->victim(&incoming);
    if (victim == nullptr) {
      policy_->declined(incoming);
      return false;
    }
    const std::uint64_t key = victim->id;
    remove(key, RemovalCause::evicted);
    if (evicted_) evicted_(key);
  }
  return true;
}

bool SparseCache::erase(std::uint64_t key) {
  if (!contains(key)) return false;
  remove(key, RemovalCause::erased);
  return true;
}

void SparseCache::remove(std::uint64_t key, RemovalCause why) {
  const auto item = items_.find(key);
  check(item != items_.end(), "a policy names a cached item as victim");
  bytes_ -= item->second.size;
  if (why == RemovalCause::evicted) ++evictions_;
  policy_->removed(item->second, why);
  items_.erase(item);
}

}  // namespace fovea
