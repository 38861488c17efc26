// What is not there costs nothing: the tier has an index in memory. Reads do not wait for each other.
#include "cluster/node/disk_tier.h"

#include <algorithm>

#include "cache/policies.h"

namespace fovea {

namespace {

constexpr double live_share = 0.8;  // of the bytes, as PolicyLogRules has it

std::uint64_t live_bytes(std::uint64_t bytes_max) {
  return static_cast<std::uint64_t>(static_cast<double>(bytes_max) * live_share);
}

}  // namespace

DiskTier::DiskTier(Timeline& timeline, const TierTime& time, std::uint64_t bytes_max)
    : timeline_(timeline), time_(time), cache_(make_policy(PolicyKind::value), live_bytes(bytes_max)) {}

Task<TierAnswer> DiskTier::find(StoredEntry entry, double limit_ms) {
  const Item* item = cache_.peek(entry.key);
  if (item == nullptr) co_return TierAnswer{};
  const TierAnswer found{.what = TierAnswer::What::found, .cost_ms = item->cost_ms, .bytes = item->size};
  cache_.find(entry.key);
  const double takes_ms = time_.wait_ms + static_cast<double>(found.bytes) / time_.bytes_per_ms;
  co_await timeline_.wait(std::min(takes_ms, limit_ms));
  co_return takes_ms <= limit_ms ? found : TierAnswer{.what = TierAnswer::What::fault};
}

Task<bool> DiskTier::insert(StoredEntry entry) {
  co_await timeline_.wait(static_cast<double>(entry.bytes) / time_.write_bytes_per_ms);
  cache_.erase(entry.key);
  cache_.insert(entry.key, {.size = entry.bytes, .cost_ms = entry.cost_ms, .level = level_of(entry.kind)});
  co_return true;
}

}  // namespace fovea
