// Every function here is the one of Prefetcher or StoredPictures of its name. There a thread looks every 5 ms
// whether the machine is idle; here the node says so, since a thousand nodes that look are the most of all
// events. All prompts of a simulation begin alike, so a state behind a picture serves every request about it.
#include "cluster/node/node_prefetch.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "trace/mixed_bits.h"

namespace fovea {

namespace {

// PrefetcherOptions
constexpr std::size_t queue_max = 64;
constexpr double queued_max_ms = 30'000;
constexpr double gain_min_ms = 1;
constexpr double end_old_every_ms = 1000;

// What the table and the account know things by.
Key key_of(std::uint64_t number) {
  std::array<std::uint64_t, 4> words{};
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = mixed_bits(number + (i << 56));
  Key key;
  std::memcpy(key.bytes.data(), words.data(), sizeof words);
  return key;
}

}  // namespace

NodePrefetch::NodePrefetch(Timeline& timeline, NodeStore& store, const NodeCosts& costs, bool prefixes,
                           std::function<bool()> idle)
    : timeline_(timeline),
      store_(store),
      costs_(costs),
      prefixes_(prefixes),
      idle_(std::move(idle)),
      table_({}, timeline),
      account_(table_, timeline) {}

StoredEntry NodePrefetch::moved_entry(std::uint64_t picture) const {
  return prefixes_ ? costs_.prefix(picture) : costs_.embedding(picture);
}

double NodePrefetch::wait_ms(std::uint64_t picture) const { return store_.fetch_ms(moved_entry(picture).kind); }

void NodePrefetch::end_old() {
  if (timeline_.now_ms() < ended_old_ms_ + end_old_every_ms) return;
  ended_old_ms_ = timeline_.now_ms();
  account_.end_old([this](const Key& key) {
    const auto entry = entries_.find(key);
    return entry != entries_.end() && store_.contains(entry->second);
  });
}

void NodePrefetch::asked(const FleetRequest& request, const RequestLookups& lookups) {
  if (stopped_ || request.session == 0) return;
  end_old();
  const Key scope = key_of(request.tenant), picture = key_of(request.picture);
  pictures_.emplace(picture, request.picture);
  if (lookups.computed) {
    std::vector<PrefetchAccount::LookedUp> looked_up;
    for (const RequestLookups::One& one : lookups.made) {
      const Key key = key_of(one.entry.key);
      entries_.emplace(key, one.entry);
      looked_up.push_back({.key = key, .found_in = one.found});
    }
    account_.asked(scope, std::span(&picture, 1), looked_up, lookups.began_ms);
  }
  const auto turnover = store_.turnover();
  table_.set_times(wait_ms(request.picture), kept_.observe(turnover.entries, turnover.evictions, timeline_.now_ms()));
  const auto movable = [&](const Key& key) {
    const auto known = pictures_.find(key);
    return known != pictures_.end() && lacks(known->second);
  };
  const Key session = key_of(request.session);
  for (const auto& prediction : table_.asked(scope, session, std::span(&picture, 1), movable)) {
    queue_.push_back({prediction, scope, pictures_.at(prediction.picture), timeline_.now_ms()});
    if (queue_.size() <= queue_max) continue;
    account_.dropped(queue_.front().prediction.number);
    queue_.pop_front();
  }
  became_idle();
}

void NodePrefetch::became_idle() {
  if (!queue_.empty() && !moving_ && !stopped_ && idle_()) spawn(move_all());
}

Task<void> NodePrefetch::move_all() {
  moving_ = true;
  while (!queue_.empty() && idle_() && !stopped_) {
    const Queued next = queue_.front();
    queue_.pop_front();
    co_await move(next);
  }
  moving_ = false;
}

bool NodePrefetch::is_worth(std::uint64_t picture, double confidence) const {
  const double waits_ms = wait_ms(picture);
  return confidence * waits_ms - (1 - confidence) * waits_ms >= gain_min_ms;
}

Task<void> NodePrefetch::move(Queued next) {
  const std::uint64_t number = next.prediction.number;
  const bool old = timeline_.now_ms() > next.since_ms + queued_max_ms;
  if (old || !lacks(next.picture) || !is_worth(next.picture, next.prediction.confidence)) {
    account_.dropped(number);
    co_return;
  }
  const StoredEntry entry = moved_entry(next.picture);
  account_.began(number, next.scope, next.prediction.picture);
  if (!prefixes_) co_await store_.fetch_missing(costs_.tiling(next.picture));
  const auto found = co_await store_.fetch_missing(entry);
  if (!found && !lacks(next.picture)) {
    account_.overtaken(number);
    co_return;
  }
  std::vector<PrefetchAccount::Part> parts;
  if (found && !lacks(next.picture)) {
    entries_.emplace(key_of(entry.key), entry);
    parts.push_back({.key = key_of(entry.key), .bytes = entry.bytes});
  }
  account_.moved(number, std::move(parts));
}

}  // namespace fovea
