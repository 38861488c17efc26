// Every function here is the one of TierLane of its name, in the same order of steps. Purging and erasing are
// not simulated.
//
// "Always" fetches whatever takes how long: the baseline of a cache that knows no costs. It waits longer than
// TierLane ever does, since a bound is a measurement's advantage too.
#include "cluster/node/node_lane.h"

#include "base/check.h"

namespace fovea {

namespace {

constexpr double always_wait_ms = 10'000;
constexpr std::size_t queue_entries_max = 8192;  // WriteBehindOptions

}  // namespace

NodeLane::NodeLane(Timeline& timeline, SimulatedTier& tier, const Options& options)
    : timeline_(timeline),
      tier_(tier),
      options_(options),
      placement_(options.transfer),
      reading_({}, timeline),
      writing_({}, timeline) {
  check(options.fetching != Fetching::never, "a node that asks no tiers has no lanes");
}

bool NodeLane::asks(RecordKind kind) {
  const bool worth = options_.fetching == Fetching::always || placement_.asks(kind);
  if (worth && reading_.allows()) return true;
  ++counts_[static_cast<std::size_t>(kind) - 1].skipped;
  return false;
}

double NodeLane::limit_ms(RecordKind kind) const {
  return options_.fetching == Fetching::always ? always_wait_ms : placement_.wait_ms(kind, 1);
}

Task<std::optional<NodeLane::Hit>> NodeLane::find(StoredEntry entry) {
  if (stopped_ || !asks(entry.kind)) co_return std::nullopt;
  Counts& count = counts_[static_cast<std::size_t>(entry.kind) - 1];
  ++count.lookups;
  const Stopwatch watch(timeline_);
  const TierAnswer answer = co_await tier_.find(entry, limit_ms(entry.kind));
  if (answer.what == TierAnswer::What::fault) {
    ++count.failed;
    reading_.failed();
    co_return std::nullopt;
  }
  reading_.succeeded();
  const bool found = answer.what == TierAnswer::What::found;
  placement_.observe_transfer(found ? answer.bytes : 0, watch.elapsed_ms());
  if (!found) co_return std::nullopt;
  ++count.hits;
  placement_.observe_value(entry.kind, answer.cost_ms, answer.bytes);
  co_return Hit{answer.cost_ms, answer.bytes};
}

void NodeLane::release_lease(std::uint64_t key) {
  if (!stopped_) tier_.release_lease(key);
}

void NodeLane::offer(const StoredEntry& entry) {
  if (stopped_) return;
  placement_.observe_value(entry.kind, entry.cost_ms, entry.bytes);
  const bool worth = options_.fetching == Fetching::always || placement_.writes(entry.kind, entry.cost_ms, entry.bytes);
  const bool fits = queue_bytes_ + entry.bytes <= options_.queue_bytes_max && queue_.size() < queue_entries_max;
  if (worth && !fits) ++dropped_;
  if (!worth || !fits) return release_lease(entry.key);
  queue_.push_back(entry);
  queue_bytes_ += entry.bytes;
  if (!writing_now_) spawn(write_all());
}

Task<void> NodeLane::write_all() {
  writing_now_ = true;
  while (!queue_.empty() && !stopped_) {
    const StoredEntry entry = queue_.front();
    if (writing_.allows()) {
      const Stopwatch writing(timeline_);
      const bool written = co_await tier_.insert(entry);
      if (written) placement_.observe_write(entry.bytes, writing.elapsed_ms());
      written ? writing_.succeeded() : writing_.failed();
    }
    release_lease(entry.key);
    queue_.pop_front();
    queue_bytes_ -= entry.bytes;
  }
  writing_now_ = false;
}

// A look-up that was counted as a miss before.
Task<std::optional<NodeLane::Hit>> NodeLane::ask(StoredEntry entry) {
  const TierAnswer answer = co_await tier_.find(entry, limit_ms(entry.kind));
  if (answer.what != TierAnswer::What::found) co_return std::nullopt;
  ++counts_[static_cast<std::size_t>(entry.kind) - 1].hits;
  placement_.observe_value(entry.kind, answer.cost_ms, answer.bytes);
  co_return Hit{answer.cost_ms, answer.bytes};
}

Task<NodeLane::LeaseAnswer> NodeLane::acquire_lease(StoredEntry entry) {
  if (stopped_ || tier_.kind() != TierKind::shared) co_return LeaseAnswer{};
  if (!placement_.is_worth_lease(entry.kind) || !writing_.allows()) co_return LeaseAnswer{};
  const double time_ms = placement_.lease_ms(entry.kind);
  const SimulatedTier::Lease acquired = co_await tier_.acquire_lease(entry.key, time_ms);
  if (acquired == SimulatedTier::Lease::fault) {
    writing_.failed();
    co_return LeaseAnswer{};
  }
  writing_.succeeded();
  std::optional<Hit> hit = co_await ask(entry);
  const bool mine = acquired == SimulatedTier::Lease::acquired;
  if (hit && mine) release_lease(entry.key);
  co_return LeaseAnswer{.hit = hit, .wait_ms = mine ? std::nullopt : std::optional(time_ms)};
}

}  // namespace fovea
