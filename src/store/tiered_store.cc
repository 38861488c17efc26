// A tier is asked without a lock of memory's, so a purge may come between a look-up and the promotion of what it
// found. Each promotion compares how often the store was purged before and after: where that differs, what was
// promoted is removed again.
#include "store/tiered_store.h"

#include <numeric>
#include <utility>

namespace fovea {

std::optional<Record> TieredStore::find(const Key& key, const Key& scope, const WaitLimits& limits) {
  if (auto record = memory_->find(key, scope)) return record;
  return std::move(find_in_tiers(std::span(&key, 1), scope, limits)[0]);
}

std::vector<std::optional<Record>> TieredStore::find_many(std::span<const Key> keys, const Key& scope,
                                                          const WaitLimits& limits) {
  auto records = memory_->find_many(keys, scope);
  std::vector<Key> missing;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!records[i]) missing.push_back(keys[i]);
  }
  if (missing.empty()) return records;
  auto found = find_in_tiers(missing, scope, limits);
  auto next = found.begin();
  for (std::optional<Record>& record : records) {
    if (!record) record = std::move(*next++);
  }
  return records;
}

std::vector<std::optional<Record>> TieredStore::find_in_tiers(std::span<const Key> keys, const Key& scope,
                                                              const WaitLimits& limits) {
  std::vector<std::optional<Record>> records(keys.size());
  const std::uint64_t purges = purges_;
  std::vector<Key> missing(keys.begin(), keys.end());
  std::vector<std::size_t> places(keys.size());
  std::iota(places.begin(), places.end(), 0);
  for (std::size_t tier = 0; tier < tiers_.size() && !missing.empty(); ++tier) {
    auto hits = tiers_[tier]->find_many(kind_, missing, scope, limits);
    std::size_t left = 0;
    for (std::size_t i = 0; i < hits.size(); ++i) {
      if (hits[i]) {
        records[places[i]] = promote(std::move(*hits[i]), tier, purges);
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
  const std::uint64_t purges = purges_;
  for (std::size_t tier = 0; tier < tiers_.size(); ++tier) {
    const std::size_t begin = longest ? longest->index + 1 : 0;
    auto last = tiers_[tier]->find_last(kind_, keys.subspan(begin), scope, limits);
    if (last) longest = Longest{begin + last->index, promote(std::move(last->hit), tier, purges)};
  }
  return longest;
}

Record TieredStore::promote(TierHit hit, std::size_t tier, std::uint64_t purges) {
  const TierEntry& entry = hit.entry;
  const PurgeLabels labels{.tenant = entry.tenant, .images = entry.images};
  memory_->insert(entry.key, entry.record, labels);
  for (std::size_t nearer = 0; nearer < tier; ++nearer) tiers_[nearer]->offer(kind_, entry);
  if (purges_ != purges) erase(std::span(&entry.key, 1));
  hit.record.found_in = tiers_[tier]->kind();
  return std::move(hit.record);
}

bool TieredStore::insert(const Key& key, const Blob& record, const PurgeLabels& labels) {
  bool taken = memory_->insert(key, record, labels);
  for (const auto& tier : tiers_) {
    taken |= tier->offer(kind_, {key, labels.tenant, {labels.images.begin(), labels.images.end()}, record});
  }
  return taken;
}

// The tiers first: what is promoted from them meanwhile is still to be removed from memory.
std::size_t TieredStore::purge(const Key& tenant) {
  ++purges_;
  for (const auto& tier : tiers_) tier->purge({.tenant = tenant, .image = {}});
  return memory_->purge(tenant);
}

std::size_t TieredStore::purge(const Key& tenant, const Key& image) {
  ++purges_;
  for (const auto& tier : tiers_) tier->purge({.tenant = tenant, .image = image});
  return memory_->purge(tenant, image);
}

std::size_t TieredStore::erase(std::span<const Key> keys) {
  ++purges_;
  for (const auto& tier : tiers_) tier->erase(kind_, keys);
  return memory_->erase(keys);
}

}  // namespace fovea
