// Costs are kept as whole microseconds, so that a sum is exact however many entries came and went.
#include "store/events/picture_table.h"

#include <algorithm>
#include <utility>

namespace fovea {

namespace {

constexpr double cost_ms_max = 1e12;  // some thirty years: far from overflow in any sum

std::uint64_t microseconds(double ms) {
  return ms > 0 ? static_cast<std::uint64_t>(std::min(ms, cost_ms_max) * 1000) : 0;
}

}  // namespace

PictureHolding PictureTable::holding_of(const PictureKey& key, const Picture& picture) {
  const auto most = picture.costs_us.empty() ? 0 : *picture.costs_us.rbegin();
  return {.picture = key,
          .tenant = picture.tenant,
          .entries = static_cast<std::uint32_t>(picture.costs_us.size()),
          .bytes = picture.bytes,
          .saves_us = key.kind == RecordKind::embedding ? picture.sum_us : most};
}

std::vector<PictureHolding> PictureTable::add(const Key& entry, const EntryFacts& facts) {
  Entry& added = entries_[entry];
  added.cost_us = microseconds(facts.cost_ms);
  added.bytes = facts.bytes;
  std::vector<Key> images(facts.images.begin(), facts.images.end());
  std::ranges::sort(images);
  const auto repeated = std::ranges::unique(images);
  images.erase(repeated.begin(), repeated.end());
  std::vector<PictureHolding> holdings;
  for (const Key& image : images) {
    const auto place = pictures_.try_emplace({facts.kind, facts.scope, image}).first;
    Picture& picture = place->second;
    picture.tenant = facts.tenant;
    picture.bytes += added.bytes;
    picture.sum_us += added.cost_us;
    picture.costs_us.insert(added.cost_us);
    added.pictures.push_back(place);
    holdings.push_back(holding_of(place->first, picture));
  }
  return holdings;
}

std::vector<PictureHolding> PictureTable::remove(const Key& entry) {
  const auto found = entries_.extract(entry);
  std::vector<PictureHolding> holdings;
  if (found.empty()) return holdings;
  const Entry& removed = found.mapped();
  for (const auto& place : removed.pictures) {
    Picture& picture = place->second;
    picture.bytes -= removed.bytes;
    picture.sum_us -= removed.cost_us;
    picture.costs_us.erase(picture.costs_us.find(removed.cost_us));
    holdings.push_back(holding_of(place->first, picture));
    if (picture.costs_us.empty()) pictures_.erase(place);
  }
  return holdings;
}

void PictureTable::clear() noexcept {
  entries_.clear();
  pictures_.clear();
}

std::vector<PictureHolding> PictureTable::page(const std::optional<PictureKey>& after, std::size_t count) const {
  std::vector<PictureHolding> holdings;
  auto place = after ? pictures_.upper_bound(*after) : pictures_.begin();
  for (; place != pictures_.end() && holdings.size() < count; ++place)
    holdings.push_back(holding_of(place->first, place->second));
  return holdings;
}

}  // namespace fovea
