// As TieredStore, LevelStores and SourceAliases. Tilings and aliases have small budgets of their own there,
// and so here.
#include "cluster/node/node_store.h"

#include "cache/policies.h"
#include "store/lane/tier_lane.h"

namespace fovea {

namespace {

constexpr std::uint64_t tiling_bytes_max = 32 << 20;                                      // LevelStores
constexpr std::uint64_t alias_bytes_max = 16 << 20;                                       // SourceAliases
constexpr TransferTime::Guess network_transfer{.wait_ms = 0.5, .bytes_per_ms = 100'000};  // open_tiers.cc

}  // namespace

NodeStore::NodeStore(Timeline& timeline, const NodeClass& of, Fetching fetching, std::span<SimulatedTier* const> tiers,
                     SparseCache::Evicted evicted)
    : memory_(make_policy(of.policy), of.memory_bytes, std::move(evicted)),
      tilings_(make_policy(PolicyKind::lru), tiling_bytes_max),
      aliases_(make_policy(PolicyKind::lru), alias_bytes_max) {
  if (fetching == Fetching::never) return;
  for (SimulatedTier* tier : tiers) {
    TransferTime::Guess guess = tier->kind() == TierKind::disk ? disk_transfer : network_transfer;
    if (tier->kind() == TierKind::shared && of.shared)
      guess = {.wait_ms = of.shared->wait_ms, .bytes_per_ms = of.shared->bytes_per_ms};
    lanes_.emplace_back(timeline, *tier, NodeLane::Options{.fetching = fetching, .transfer = guess});
  }
}

Task<std::optional<TierKind>> NodeStore::find(StoredEntry entry, std::uint32_t uses) {
  if (stopped_) co_return std::nullopt;
  LookUps& count = counts_[static_cast<std::size_t>(entry.kind) - 1];
  ++count.lookups;
  if (memory_of(entry.kind).contains(entry.key)) {
    used(entry, uses);
    ++count.hits;
    co_return TierKind::memory;
  }
  co_return co_await fetch(entry);
}

void NodeStore::used(const StoredEntry& entry, std::uint32_t uses) {
  SparseCache& memory = memory_of(entry.kind);
  for (std::uint32_t i = 0; i < uses && memory.find(entry.key); ++i) {
  }
}

Task<std::optional<TierKind>> NodeStore::fetch_missing(StoredEntry entry) {
  if (contains(entry)) co_return std::nullopt;
  co_return co_await fetch(entry);
}

Task<std::optional<TierKind>> NodeStore::fetch(StoredEntry entry) {
  for (std::size_t tier = 0; tier < lanes_.size(); ++tier) {
    const auto hit = co_await lanes_[tier].find(entry);
    if (!hit) continue;
    entry.cost_ms = hit->cost_ms;
    keep(entry);
    for (std::size_t nearer = 0; nearer < tier; ++nearer) lanes_[nearer].offer(entry);
    co_return lanes_[tier].kind();
  }
  co_return std::nullopt;
}

void NodeStore::keep(const StoredEntry& entry) {
  SparseCache& memory = memory_of(entry.kind);
  if (memory.contains(entry.key)) return;
  memory.insert(entry.key, {.size = entry.charged, .cost_ms = entry.cost_ms, .level = level_of(entry.kind)});
}

void NodeStore::insert(const StoredEntry& entry) {
  keep(entry);
  for (NodeLane& lane : lanes_) lane.offer(entry);
}

Task<NodeStore::LeaseAnswer> NodeStore::acquire_lease(StoredEntry entry) {
  for (NodeLane& lane : lanes_) {
    const NodeLane::LeaseAnswer answer = co_await lane.acquire_lease(entry);
    if (answer.hit) {
      entry.cost_ms = answer.hit->cost_ms;
      keep(entry);
      co_return LeaseAnswer{.found = lane.kind(), .wait_ms = {}};
    }
    if (answer.wait_ms) co_return LeaseAnswer{.found = {}, .wait_ms = answer.wait_ms};
  }
  co_return LeaseAnswer{};
}

void NodeStore::stop() {
  stopped_ = true;
  for (NodeLane& lane : lanes_) lane.stop();
}

void NodeStore::add_counts(RecordKind kind, LevelOutcomes& outcomes) const {
  const LookUps& count = counts_[static_cast<std::size_t>(kind) - 1];
  outcomes.memory.lookups += count.lookups;
  outcomes.memory.hits += count.hits;
  for (const NodeLane& lane : lanes_) {
    LookUps& tier = lane.kind() == TierKind::disk ? outcomes.disk : outcomes.shared;
    const NodeLane::Counts& counts = lane.counts(kind);
    tier.lookups += counts.lookups;
    tier.hits += counts.hits;
    tier.skipped += counts.skipped;
    tier.failed += counts.failed;
  }
}

std::uint64_t NodeStore::times_opened() const {
  std::uint64_t times = 0;
  for (const NodeLane& lane : lanes_) times += lane.times_opened();
  return times;
}

}  // namespace fovea
