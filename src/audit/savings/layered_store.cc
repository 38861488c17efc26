// A tier's policy has no part of its own here: a disk keeps by `value` what of its bytes may be alive
// (replay/policy_log.h), and the shared tier has no bound. Entries weigh in a tier what they weigh in memory.
#include "audit/savings/layered_store.h"

#include <numeric>

#include "cache/policies.h"

namespace fovea {

namespace {

constexpr double live_share = 0.8;  // of a disk's bytes, as PolicyLogRules has it

std::unique_ptr<EntryCache> memory_of(const StorePlan& plan, std::uint32_t keys) {
  return std::make_unique<PolicyEntries>(make_policy(plan.policy), plan.memory_bytes, keys);
}

std::unique_ptr<EntryCache> disk_of(const StorePlan& plan, std::uint32_t keys) {
  const auto live = static_cast<std::uint64_t>(static_cast<double>(plan.disk_bytes) * live_share);
  return std::make_unique<PolicyEntries>(make_policy(PolicyKind::value), live, keys);
}

}  // namespace

LayeredStore::LayeredStore(const StorePlan& plan, std::uint32_t keys) {
  for (std::uint32_t node = 0; node < plan.nodes; ++node) {
    if (plan.memory_bytes > 0) {
      memories_.push_back(memory_of(plan, keys));
    } else {
      auto unbounded = std::make_unique<UnboundedEntries>(keys);
      if (node == 0) everything_ = unbounded.get();
      memories_.push_back(std::move(unbounded));
    }
    if (plan.disk_bytes > 0) disks_.push_back({disk_of(plan, keys), plan.disk});
  }
  if (plan.shared) shared_.emplace(std::make_unique<UnboundedEntries>(keys), plan.network);
}

double LayeredStore::fetch_ms(const TierEntries& tier, const ItemFacts& facts) {
  return tier.time.wait_ms + static_cast<double>(facts.size) / tier.time.bytes_per_ms;
}

std::vector<LayeredStore::TierEntries*> LayeredStore::tiers_of(std::uint32_t node) {
  std::vector<TierEntries*> tiers;
  if (!disks_.empty()) tiers.push_back(&disks_[node]);
  if (shared_) tiers.push_back(&*shared_);
  return tiers;
}

std::optional<double> LayeredStore::find(std::uint32_t node, std::uint32_t key, const ItemFacts& facts, double use_ms) {
  EntryCache& memory = *memories_[node];
  if (memory.find(key)) return 0;
  if (disks_.empty() && !shared_) return std::nullopt;
  const auto tiers = tiers_of(node);
  for (TierEntries* tier : tiers) {
    const double ms = fetch_ms(*tier, facts);
    if (ms + use_ms >= facts.cost_ms || !tier->entries->find(key)) continue;
    ++tier_hits_;
    memory.insert(key, facts);
    if (tier != tiers.front()) tiers.front()->entries->insert(key, facts);
    return ms;
  }
  return std::nullopt;
}

void LayeredStore::insert(std::uint32_t node, std::uint32_t key, const ItemFacts& facts, double use_ms) {
  memories_[node]->insert(key, facts);
  if (disks_.empty() && !shared_) return;
  for (TierEntries* tier : tiers_of(node))
    if (fetch_ms(*tier, facts) + use_ms < facts.cost_ms) tier->entries->insert(key, facts);
}

std::uint64_t LayeredStore::evictions() const {
  return std::accumulate(memories_.begin(), memories_.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& memory) { return sum + memory->evictions(); });
}

}  // namespace fovea
