// Valkey with `allkeys-lfu` evicts what was asked for least often among some keys that it draws. Of our
// policies, w-tinylfu comes closest to that: frequencies that fade, and recency for what is new.
#include "cluster/shared/shard.h"

#include "cache/policies.h"

namespace fovea {

Shard::Shard(Place place, std::uint64_t bytes_max) : place_(place), bytes_max_(bytes_max) { come_back(); }

void Shard::lose() {
  if (!cache_) return;
  evictions_ += cache_->evictions();
  cache_.reset();
  leases_.clear();
}

void Shard::come_back() {
  if (!cache_) cache_.emplace(make_policy(PolicyKind::w_tinylfu), bytes_max_);
}

const Item* Shard::find(std::uint64_t key) { return cache_->find(key) ? cache_->peek(key) : nullptr; }

void Shard::insert(const StoredEntry& entry) {
  cache_->erase(entry.key);
  cache_->insert(entry.key, {.size = entry.bytes, .cost_ms = entry.cost_ms, .level = level_of(entry.kind)});
}

bool Shard::acquire_lease(std::uint64_t key, std::uint32_t node, double now_ms, double until_ms) {
  const auto [lease, is_new] = leases_.try_emplace(key, node, until_ms);
  if (is_new) return true;
  if (lease->second.node != node && lease->second.until_ms > now_ms) return false;
  lease->second = {node, until_ms};
  return true;
}

void Shard::release_lease(std::uint64_t key, std::uint32_t node) {
  const auto lease = leases_.find(key);
  if (lease != leases_.end() && lease->second.node == node) leases_.erase(lease);
}

}  // namespace fovea
