// A tier is asked without a lock, so a value may be removed between a look-up and the promotion of what it
// found. So nothing is promoted of what is being removed at that moment, and nothing by a look-up that
// began before a removal was over: it may have found the value before. A promotion that comes before a
// removal is over when that begins, and is removed with all else.
//
// To promote first and to remove behind it would not do: others would find the value in between, and what is
// removed from every tier may be another one, stored since.
#include "store/tiered_store.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace fovea {

TieredStore::TieredStore(RecordKind kind, std::unique_ptr<MemoryStore> memory, const Tiers& tiers)
    : kind_(kind), memory_(std::move(memory)), tiers_(tiers) {
  for (const auto& tier : tiers_) tier->listeners().add(*this);
}

TieredStore::~TieredStore() {
  for (const auto& tier : tiers_) tier->listeners().remove(*this);
}

// From memory alone: who purged it has removed it from the tier that all share, and the follower of its log
// removes it from the nearer ones.
void TieredStore::purged_elsewhere(std::span<const PurgeLabel> labels) {
  for (const PurgeLabel& label : labels) remove(label, [](TierLane&) {}, [&] { return memory_->purge(label); });
}

std::optional<Record> TieredStore::find(const Key& key, const Key& scope, const WaitLimits& limits) {
  auto record = memory_->find(key, scope);  // returned as it is: a hit in memory is not even moved
  if (!record) record = std::move(find_in_tiers(std::span(&key, 1), scope, limits)[0]);
  return record;
}

std::vector<std::optional<Record>> TieredStore::find_many(std::span<const Key> keys, const Key& scope,
                                                          const WaitLimits& limits) {
  auto records = memory_->find_many(keys, scope);
  std::vector<Key> missing;  // each once: equal tiles of a picture have one key
  std::unordered_map<Key, std::size_t, KeyHash> places;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!records[i] && places.try_emplace(keys[i], missing.size()).second) missing.push_back(keys[i]);
  }
  if (missing.empty()) return records;
  const auto found = find_in_tiers(missing, scope, limits);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!records[i]) records[i] = found[places.at(keys[i])];
  }
  return records;
}

std::vector<std::uint64_t> TieredStore::prefetch(std::span<const Key> keys, const Key& scope,
                                                 const WaitLimits& limits) {
  std::vector<std::uint64_t> bytes(keys.size());
  std::vector<Key> missing;
  std::ranges::copy_if(keys, std::back_inserter(missing), [this](const Key& key) { return !contains(key); });
  if (missing.empty()) return bytes;
  WaitLimits ahead = limits;
  ahead.ahead = true;
  const auto found = find_in_tiers(missing, scope, ahead);
  for (std::size_t i = 0, next = 0; i < keys.size() && next < missing.size(); ++i) {
    if (keys[i] != missing[next]) continue;
    const std::optional<Record>& record = found[next++];
    if (record && contains(keys[i])) bytes[i] = record_header_bytes + record->payload.size();
  }
  return bytes;
}

double TieredStore::fetch_ms(std::size_t records) const {
  return tiers_.empty() ? 0 : tiers_.front()->fetch_ms(kind_, records);
}

std::vector<std::optional<Record>> TieredStore::find_in_tiers(std::span<const Key> keys, const Key& scope,
                                                              const WaitLimits& limits) {
  std::vector<std::optional<Record>> records(keys.size());
  const std::uint64_t removed = removed_;
  std::vector<Key> missing(keys.begin(), keys.end());
  std::vector<std::size_t> places(keys.size());
  std::iota(places.begin(), places.end(), 0);
  for (std::size_t tier = 0; tier < tiers_.size() && !missing.empty(); ++tier) {
    auto hits = tiers_[tier]->find_many(kind_, missing, scope, limits);
    std::size_t left = 0;
    for (std::size_t i = 0; i < hits.size(); ++i) {
      if (hits[i]) {
        records[places[i]] = promote(std::move(*hits[i]), tier, removed);
      } else {
        missing[left] = missing[i];
        places[left++] = places[i];
      }
    }
    missing.resize(left);
    places.resize(left);
  }
  return records;
}

std::optional<Store::Longest> TieredStore::find_longest(std::span<const Key> keys, std::optional<std::size_t> expected,
                                                        const Key& scope, const WaitLimits& limits) {
  auto longest = memory_->find_longest(keys, expected, scope);
  const std::uint64_t removed = removed_;
  for (std::size_t tier = 0; tier < tiers_.size(); ++tier) {
    const std::size_t begin = longest ? longest->index + 1 : 0;
    auto last = tiers_[tier]->find_last(kind_, keys.subspan(begin), scope, limits);
    if (last) longest = Longest{begin + last->index, promote(std::move(last->hit), tier, removed)};
  }
  return longest;
}

Record TieredStore::promote(TierHit hit, std::size_t tier, std::uint64_t removed) {
  {
    MutexLock lock(mutex_);
    const auto is_removing = [&](const Removal& removal) { return covers(removal, kind_, hit.entry); };
    if (removed_ == removed && std::ranges::none_of(removing_, is_removing)) keep(hit, tier);
  }
  hit.record.found_in = tiers_[tier]->kind();
  return std::move(hit.record);
}

void TieredStore::keep(const TierHit& hit, std::size_t tier) {
  const TierEntry& entry = hit.entry;
  // What was inserted since the look-up began is newer.
  if (!memory_->contains(entry.key))
    memory_->insert(entry.key, entry.record, {.tenant = entry.tenant, .images = entry.images});
  for (std::size_t nearer = 0; nearer < tier; ++nearer) tiers_[nearer]->offer(kind_, entry);
}

bool TieredStore::insert(const Key& key, const Blob& record, const PurgeLabels& labels) {
  bool taken = memory_->insert(key, record, labels);
  for (const auto& tier : tiers_) {
    taken |= tier->offer(kind_, {key, labels.tenant, {labels.images.begin(), labels.images.end()}, record});
  }
  return taken;
}

Store::LeaseAnswer TieredStore::acquire_lease(const Key& key, const Key& scope) {
  for (std::size_t tier = 0; tier < tiers_.size(); ++tier) {
    const std::uint64_t removed = removed_;
    TierLane::LeaseAnswer answer = tiers_[tier]->acquire_lease(kind_, key, scope);
    if (answer.hit) return {.record = promote(std::move(*answer.hit), tier, removed), .wait = {}};
    if (answer.wait) return {.record = {}, .wait = answer.wait};
  }
  return {};
}

void TieredStore::release_lease(const Key& key) {
  for (const auto& tier : tiers_) tier->release_lease(key);
}

std::size_t TieredStore::purge(const Key& tenant) {
  const PurgeLabel label{.tenant = tenant, .image = {}};
  return remove(label, [&](TierLane& tier) { tier.purge(label); }, [&] { return memory_->purge(tenant); });
}

std::size_t TieredStore::purge(const Key& tenant, const Key& image) {
  const PurgeLabel label{.tenant = tenant, .image = image};
  return remove(label, [&](TierLane& tier) { tier.purge(label); }, [&] { return memory_->purge(tenant, image); });
}

std::size_t TieredStore::erase(std::span<const Key> keys) {
  return remove(
      Erasure{kind_, {keys.begin(), keys.end()}}, [&](TierLane& tier) { tier.erase(kind_, keys); },
      [&] { return memory_->erase(keys); });
}

template <typename FromTier, typename FromMemory>
std::size_t TieredStore::remove(Removal removal, const FromTier& from_tier, const FromMemory& from_memory) {
  std::list<Removal> begun;
  begun.push_back(std::move(removal));
  const auto place = begun.begin();
  {
    MutexLock lock(mutex_);
    removing_.splice(removing_.end(), begun);
  }
  for (const auto& tier : tiers_) from_tier(*tier);
  const std::size_t from_memory_count = from_memory();
  MutexLock lock(mutex_);
  removing_.erase(place);
  ++removed_;
  return from_memory_count;
}

}  // namespace fovea
