// Each key has one Item for the whole run, at the key's place in a vector, so that a policy may keep pointers
// to Items and a victim's key is its distance from the first Item. Facts change only while the item is not
// cached.
#include "cache/exact_cache.h"

#include <utility>

#include "base/check.h"

namespace fovea {

namespace {

// Turns a dense key into uniform bits, as real keys have them: the finaliser of SplitMix64 (Steele, Lea,
// Flood, OOPSLA 2014).
std::uint64_t id_of(std::uint32_t key) {
  std::uint64_t bits = (key + 1) * 0x9e3779b97f4a7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

}  // namespace

ExactCache::ExactCache(std::unique_ptr<Policy> policy, std::uint64_t bytes_max, std::uint32_t keys)
    : items_(keys), present_(keys), policy_(std::move(policy)), bytes_max_(bytes_max) {
  for (std::uint32_t key = 0; key < keys; ++key) items_[key].id = id_of(key);
  policy_->resized(bytes_max);
}

bool ExactCache::find(std::uint32_t key) {
  if (!present_[key]) return false;
  ++items_[key].hits;
  policy_->hit(items_[key]);
  return true;
}

Admission ExactCache::insert(std::uint32_t key, const ItemFacts& facts) {
  check(!present_[key], "a key is inserted only while it is not cached");
  if (facts.size > bytes_max_) return Admission::too_large;
  Item& item = items_[key];
  item.size = facts.size;
  item.cost_ms = facts.cost_ms;
  item.importance = facts.importance;
  item.level = facts.level;
  item.hits = 0;
  if (!make_room(item)) return Admission::declined;
  present_[key] = true;
  bytes_ += item.size;
  ++entries_;
  policy_->inserted(item);
  return Admission::stored;
}

bool ExactCache::make_room(const Item& incoming) {
  while (bytes_ + incoming.size > bytes_max_) {
    Item* victim = policy_->victim(&incoming);
    if (victim == nullptr) {
      policy_->declined(incoming);
      return false;
    }
    remove(*victim, RemovalCause::evicted);
  }
  return true;
}

bool ExactCache::erase(std::uint32_t key) {
  if (!present_[key]) return false;
  remove(items_[key], RemovalCause::erased);
  return true;
}

void ExactCache::set_importance(std::uint32_t key, float importance) {
  if (!present_[key]) return;
  items_[key].importance = importance;
  policy_->importance_changed(items_[key]);
}

float ExactCache::importance(std::uint32_t key) const {
  check(present_[key], "only a cached key has an importance");
  return items_[key].importance;
}

void ExactCache::resize(std::uint64_t bytes_max) {
  bytes_max_ = bytes_max;
  policy_->resized(bytes_max);
  while (bytes_ > bytes_max_) {
    Item* victim = policy_->victim(nullptr);
    check(victim != nullptr, "a policy that holds items names a victim when the budget shrinks");
    remove(*victim, RemovalCause::evicted);
  }
}

void ExactCache::remove(Item& item, RemovalCause why) {
  const auto key = static_cast<std::uint32_t>(&item - items_.data());
  check(present_[key], "a policy names a cached item as victim");
  present_[key] = false;
  bytes_ -= item.size;
  --entries_;
  if (why == RemovalCause::evicted) ++evictions_;
  policy_->removed(item, why);
}

}  // namespace fovea
