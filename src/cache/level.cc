// Approach: a hit locks one stripe of one of 128 buckets, probes the bucket's table, takes a reference to the
// value and records itself in its stripe's access log. It writes to no line that another thread's hits write
// to. Everything that changes what is stored follows milliseconds to seconds of compute. It goes through the
// BudgetCore's one lock, where the policy is first told of the recorded hits. So the budget is exact, and the
// policies are plain sequential code with one order across the whole level, as if there were one lock for
// everything.
// Rejected: a budget for each bucket (entries of 1-20 MB would thrash 1/128 of a budget); one lock for
// everything (hits would queue); a policy for each bucket and a choice among the buckets' victims
// (frequencies and queues of different buckets do not compare).
#include "fovea/level.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"
#include "cache/budget_core.h"
#include "fovea/single_flight.h"

namespace fovea {

struct Level::State {
  explicit State(std::shared_ptr<Budget> shared_budget, BudgetCore& account)
      : budget(std::move(shared_budget)), core(account), index(account.register_level()) {}

  const std::shared_ptr<Budget> budget;
  BudgetCore& core;
  LevelIndex index;
  SingleFlight flights;

  // The hit path, under one stripe. Sets `full` when the access log should be read.
  std::optional<LevelHit> look_up(const Key& key, std::size_t number, bool& full) {
    Bucket& bucket = index.bucket_of(key);
    Stripe& stripe = bucket.stripe(number);
    MutexLock lock(stripe.mutex);
    const IndexEntry* indexed = bucket.find(key);
    if (indexed == nullptr) return std::nullopt;
    const std::shared_ptr<HeldValue>& held = indexed->held;
    std::optional<LevelHit> hit;
    if (indexed->plain) [[likely]] {
      hit.emplace(HeldValue::view(held), held->cost_ms());
    } else {
      const Entry& entry = *indexed->entry;
      if (entry.expires_ms != never_ms && entry.expired(core.clock().now_ms())) return std::nullopt;
      hit.emplace(HeldValue::view(entry.copies.empty() ? held : entry.copies[number]), held->cost_ms());
    }
    ++stripe.hits;
    stripe.saved_ms += hit->cost_ms;
    full = core.record_hit(number, *indexed->entry);
    return hit;
  }

  void count_miss(const Key& key, std::uint64_t content) {
    DeferredFrees deferred;
    MutexLock lock(core.mutex);
    core.sweep(deferred);
    const MissReason reason = index.ghosts.reason(key.bits(), content);
    ++index.counters.misses_by[static_cast<std::size_t>(reason)];
  }

  // The value of `key`. The policy is not told and nothing is counted.
  std::optional<Blob> peek(const Key& key) {
    DeferredFrees deferred;
    MutexLock lock(core.mutex);
    const Entry* entry = core.find(index, key, deferred);
    return entry == nullptr ? std::nullopt : std::optional(HeldValue::view(entry->held));
  }
};

namespace {

// `importance` within [0, 1]; NaN gives 0.
float clamped(float importance) { return importance > 0 ? std::min(importance, 1.0F) : 0; }

std::unique_ptr<Entry> make_entry(const Key& key, Blob value, const EntryTerms& terms, double now_ms) {
  auto entry = std::make_unique<Entry>();
  entry->id = key.bits();
  entry->size = value.size() + Level::entry_overhead_bytes + terms.extra_bytes;
  entry->cost_ms = std::isfinite(terms.cost_ms) ? std::max(terms.cost_ms, 0.0) : 0;
  entry->importance = clamped(terms.importance);
  entry->key = key;
  entry->expires_ms = terms.ttl_ms > 0 ? now_ms + terms.ttl_ms : never_ms;
  entry->content = terms.content;
  entry->tenant = terms.tenant;
  entry->held = HeldValue::make(std::move(value), entry->cost_ms);
  return entry;
}

EntryView view_of(const Entry& entry, double now_ms) {
  return {.key = entry.key,
          .value = HeldValue::view(entry.held),
          .cost_ms = entry.cost_ms,
          .importance = entry.importance,
          .bytes = entry.size,
          .hits = entry.hits,
          .age_ms = now_ms - entry.stored_ms,
          .tenant = entry.tenant,
          .pinned = entry.pins.load(std::memory_order_relaxed) != 0};
}

template <std::size_t n>
std::uint64_t sum(const std::array<std::uint64_t, n>& counts) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  return total;
}

}  // namespace

Level::Level(const LevelOptions& options)
    : Level(Budget::make({.bytes_max = options.bytes_max, .policy = options.policy, .clock = options.clock})) {}

Level::Level(std::shared_ptr<Budget> budget) {
  BudgetCore& core = *budget->core_;
  state_ = std::make_unique<State>(std::move(budget), core);
}

Level::~Level() { clear(); }

std::optional<LevelHit> Level::find(const Key& key, std::uint64_t content) {
  const std::size_t stripe = this_stripe();
  bool log_full = false;
  std::optional<LevelHit> hit = state_->look_up(key, stripe, log_full);
  if (log_full) state_->core.drain_soon(stripe);
  if (!hit) state_->count_miss(key, content);
  return hit;
}

bool Level::contains(const Key& key) const {
  Bucket& bucket = state_->index.bucket_of(key);
  MutexLock lock(bucket.stripe(this_stripe()).mutex);
  const IndexEntry* indexed = bucket.find(key);
  return indexed != nullptr && (indexed->plain || !indexed->entry->expired(state_->core.clock().now_ms()));
}

Insertion Level::insert(const Key& key, Blob value, const EntryTerms& terms) {
  BudgetCore& core = state_->core;
  auto entry = make_entry(key, std::move(value), terms, core.clock().now_ms());
  DeferredFrees deferred;
  MutexLock lock(core.mutex);
  return core.store(state_->index, std::move(entry), deferred) ? Insertion::bypassed : Insertion::stored;
}

Result<Blob> Level::get_or_compute(const Key& key, const std::function<Result<Blob>()>& compute, EntryTerms terms,
                                   std::stop_token stop) {
  if (auto hit = find(key, terms.content)) return std::move(hit->value);
  std::optional<Blob> stored;
  auto shared = state_->flights.run(
      key,
      [&]() -> Result<Blob> {
        // Another computation may have been published between the look-up and the join. Only this caller may
        // use its value: the callers that wait here may have come after the value was replaced, so they look
        // it up again.
        stored = state_->peek(key);
        if (stored) return fail(Fault::cancelled, "stored meanwhile");
        const Stopwatch watch(state_->core.clock());
        Result<Blob> value = compute();
        if (terms.cost_ms == 0) terms.cost_ms = watch.elapsed_ms();
        return value;
      },
      [&](const Blob& value) { insert(key, value, terms); }, std::move(stop));
  if (stored) return *std::move(stored);
  if (!shared) return std::unexpected(std::move(shared.error()));
  if (shared->joined) {
    MutexLock lock(state_->core.mutex);
    ++state_->index.counters.joined;
  }
  return std::move(shared->value);
}

std::optional<Pin> Level::pin(const Key& key) {
  DeferredFrees deferred;
  MutexLock lock(state_->core.mutex);
  Entry* entry = state_->core.find(state_->index, key, deferred);
  if (entry == nullptr) return std::nullopt;
  state_->core.pin(*entry);
  return Pin(*this, entry);
}

bool Level::set_importance(const Key& key, float importance) {
  DeferredFrees deferred;
  MutexLock lock(state_->core.mutex);
  Entry* entry = state_->core.find(state_->index, key, deferred);
  if (entry == nullptr) return false;
  state_->core.set_importance(*entry, clamped(importance));
  return true;
}

std::optional<float> Level::importance(const Key& key) const {
  DeferredFrees deferred;
  MutexLock lock(state_->core.mutex);
  const Entry* entry = state_->core.find(state_->index, key, deferred);
  return entry == nullptr ? std::nullopt : std::optional(entry->importance);
}

void Level::for_each(const std::function<void(const EntryView&)>& visit) const {
  const double now_ms = state_->core.clock().now_ms();
  for (const Bucket& bucket : state_->index.buckets) {
    DeferredFrees deferred;
    MutexLock lock(state_->core.mutex);  // taken anew for each bucket, so that other threads get their turn
    state_->core.sweep(deferred);
    for (const IndexEntry& indexed : bucket.entries()) visit(view_of(*indexed.entry, now_ms));
  }
}

void Level::on_eviction(std::function<void(const Key&)> told) {
  MutexLock lock(state_->core.mutex);
  state_->index.on_eviction.swap(told);
}

bool Level::erase(const Key& key) {
  DeferredFrees deferred;
  MutexLock lock(state_->core.mutex);
  Entry* entry = state_->core.find(state_->index, key, deferred);
  if (entry == nullptr) return false;
  state_->core.erase(*entry, deferred);
  return true;
}

void Level::clear() {
  for (Bucket& bucket : state_->index.buckets) {
    DeferredFrees deferred;
    MutexLock lock(state_->core.mutex);
    while (!bucket.entries().empty()) state_->core.erase(*bucket.entries().begin()->entry, deferred);
  }
}

void Level::resize(std::uint64_t bytes_max) { state_->budget->resize(bytes_max); }

LevelStats Level::stats() const {
  LevelStats stats;
  {
    DeferredFrees deferred;
    MutexLock lock(state_->core.mutex);
    state_->core.drain();
    state_->core.sweep(deferred);
    stats = state_->index.counters;
    stats.bytes_max = state_->core.bytes_max();
  }
  stats.misses = sum(stats.misses_by);
  stats.bypasses = sum(stats.bypasses_by);
  stats.evictions = sum(stats.evictions_by);
  stats.in_use_bytes = state_->index.in_use->bytes;
  for (Bucket& bucket : state_->index.buckets) {
    for (std::size_t i = 0; i < stripe_count; ++i) {
      Stripe& stripe = bucket.stripe(i);
      MutexLock lock(stripe.mutex);
      stats.hits += stripe.hits;
      stats.saved_ms += stripe.saved_ms;
    }
  }
  return stats;
}

Pin::Pin(Pin&& other) noexcept : level_(std::exchange(other.level_, nullptr)), entry_(other.entry_) {}

Pin& Pin::operator=(Pin&& other) noexcept {
  if (this == &other) return *this;
  release();
  level_ = std::exchange(other.level_, nullptr);
  entry_ = other.entry_;
  return *this;
}

Pin::~Pin() { release(); }

void Pin::release() {
  if (level_ == nullptr) return;
  BudgetCore& core = level_->state_->core;
  DeferredFrees deferred;
  MutexLock lock(core.mutex);
  core.unpin(*static_cast<Entry*>(entry_), deferred);
}

}  // namespace fovea
