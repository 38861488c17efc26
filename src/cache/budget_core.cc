#include "cache/budget_core.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

#include "cache/policies.h"

namespace fovea {

namespace {

// An entry that makes up this part of a stripe's hits is hot: its readers would queue for its reference count.
constexpr std::size_t hot_part = 32;
// Copies of a count cost 64 bytes a stripe; no more entries than this can be that hot at a time.
constexpr std::size_t copied_entries_max = 64;

std::size_t importance_bin(float importance) {
  return std::min<std::size_t>(static_cast<std::size_t>(importance * 10), 9);
}

std::size_t age_bin(double age_ms) {
  if (!(age_ms >= 1)) return 0;
  if (age_ms >= 0x1p31) return 31;
  return std::min<std::size_t>(std::bit_width(static_cast<std::uint64_t>(age_ms)), 31);
}

}  // namespace

BudgetCore::BudgetCore(const BudgetOptions& options)
    : clock_(options.clock != nullptr ? *options.clock : Clock::steady()),
      bytes_max_(options.bytes_max),
      policy_(make_policy(options.policy)) {
  policy_->resized(options.bytes_max);
}

BudgetCore::~BudgetCore() = default;  // the levels emptied their shelves; the graveyard goes with its owner

void BudgetCore::drain_soon(std::size_t stripe) {
  if (!mutex.try_lock()) return;
  Entry* suspect = nullptr;
  std::size_t notes = 0;
  std::size_t of_suspect = 0;
  log_.read(stripe, [&](Entry& entry) FOVEA_THREAD_ANNOTATION(no_thread_safety_analysis) {
    if (suspect == nullptr) suspect = &entry;
    ++notes;
    of_suspect += &entry == suspect ? 1 : 0;
    tell_policy(entry);
  });
  if (of_suspect > 1 && of_suspect * hot_part >= notes) make_copies(*suspect);
  mutex.unlock();
}

void BudgetCore::drain() {
  bool complete = true;
  for (std::size_t stripe = 0; stripe < stripe_count; ++stripe) {
    complete &=
        log_.read(stripe, [&](Entry& entry) FOVEA_THREAD_ANNOTATION(no_thread_safety_analysis) { tell_policy(entry); });
  }
  // What was buried before this call could not be noted after its burial, and every note before has been read now.
  if (complete) graveyard_.clear();
}

void BudgetCore::tell_policy(Entry& entry) {
  if (entry.index == nullptr) return;
  ++entry.hits;
  if (entry.pins.load(std::memory_order_relaxed) == 0) policy_->hit(entry);
}

void BudgetCore::make_copies(Entry& entry) {
  if (entry.index == nullptr || !entry.copies.empty() || copied_ == copied_entries_max) return;
  std::vector<std::shared_ptr<const HeldValue>> copies;
  for (std::size_t i = 0; i < stripe_count; ++i) {
    using Owner = std::shared_ptr<const HeldValue>;
    const auto owner = std::allocate_shared<Owner>(OnOwnLine<Owner>(), entry.held);
    copies.emplace_back(owner, owner->get());
  }
  Bucket& bucket = entry.index->bucket_of(entry.key);
  BucketLock lock(bucket);
  entry.copies = std::move(copies);
  bucket.find(entry.key)->plain = false;
  ++copied_;
}

std::optional<BypassReason> BudgetCore::store(LevelIndex& index, std::unique_ptr<Entry> entry,
                                              DeferredFrees& deferred) {
  drain();
  if (Entry* replaced = find(index, entry->key, deferred)) take_off(*replaced, Leaving::replaced, deferred);
  if (const auto bypass = make_room(*entry, deferred)) {
    ++index.counters.bypasses_by[static_cast<std::size_t>(*bypass)];
    deferred.values.push_back(std::move(entry->held));
    return bypass;
  }
  put_on(index, *entry.release());
  return std::nullopt;
}

std::optional<BypassReason> BudgetCore::make_room(const Entry& entry, DeferredFrees& deferred) {
  if (entry.size > bytes_max()) return BypassReason::too_large;
  while (bytes() + entry.size > bytes_max()) {
    Item* victim = policy_->victim(&entry);
    if (victim == nullptr) {
      policy_->declined(entry);
      return evictable_ == 0 ? BypassReason::pinned : BypassReason::declined;
    }
    take_off(Entry::of(*victim), Leaving::capacity, deferred);
  }
  return std::nullopt;
}

void BudgetCore::put_on(LevelIndex& index, Entry& entry) {
  entry.index = &index;
  entry.level = index.level;
  entry.stored_ms = clock_.now_ms();
  bytes_ += entry.size;
  index.counters.bytes += entry.size;
  ++index.counters.entries;
  ++index.counters.insertions;
  ++evictable_;
  policy_->inserted(entry);
  if (entry.expires_ms != never_ms) expiries_.insert(entry);
  index.ghosts.stored(entry.content);
  Bucket& bucket = index.bucket_of(entry.key);
  BucketLock lock(bucket);
  bucket.link(entry);
}

void BudgetCore::take_off(Entry& entry, Leaving why, DeferredFrees& deferred) {
  LevelIndex& index = *entry.index;
  Bucket& bucket = index.bucket_of(entry.key);
  {
    BucketLock lock(bucket);
    bucket.unlink(entry);
  }  // `held` keeps the value
  count_departure(entry, why);
  bytes_ -= entry.size;
  index.counters.bytes -= entry.size;
  --index.counters.entries;
  if (entry.ExpiryHook::is_linked()) expiries_.erase(expiries_.iterator_to(entry));
  entry.held->depart(index.in_use);
  deferred.values.push_back(std::move(entry.held));
  if (!entry.copies.empty()) {
    std::ranges::move(entry.copies, std::back_inserter(deferred.values));
    entry.copies.clear();
    --copied_;
  }
  entry.index = nullptr;
  if (entry.pins.load(std::memory_order_relaxed) != 0) {
    index.counters.pinned_bytes -= entry.size;
    return;  // its Pin still names it
  }
  constexpr auto departure_of = [](Leaving leaving) {
    switch (leaving) {
      case Leaving::expired:
        return Departure::expired;
      case Leaving::erased:
        return Departure::erased;
      case Leaving::replaced:
        return Departure::replaced;
      default:
        return Departure::evicted;
    }
  };
  policy_->removed(entry, departure_of(why));
  --evictable_;
  graveyard_.emplace_back(&entry);
}

void BudgetCore::count_departure(const Entry& entry, Leaving why) {
  LevelIndex& index = *entry.index;
  switch (why) {
    case Leaving::replaced:
      return;
    case Leaving::erased:
      return index.ghosts.departed(entry.id, MissReason::erased);
    case Leaving::expired:
      index.ghosts.departed(entry.id, MissReason::expired);
      break;
    default:
      index.ghosts.departed(entry.id, MissReason::evicted);
  }
  const EvictionReason reason = why == Leaving::expired   ? EvictionReason::expired
                                : why == Leaving::resized ? EvictionReason::resized
                                                          : EvictionReason::capacity;
  ++index.counters.evictions_by[static_cast<std::size_t>(reason)];
  ++index.counters.importance_at_eviction[importance_bin(entry.importance)];
  ++index.counters.age_at_eviction[age_bin(clock_.now_ms() - entry.stored_ms)];
}

Entry* BudgetCore::find(LevelIndex& index, const Key& key, DeferredFrees& deferred) {
  sweep(deferred);
  const IndexEntry* indexed = index.bucket_of(key).find(key);
  return indexed == nullptr ? nullptr : indexed->entry;
}

void BudgetCore::set_importance(Entry& entry, float importance) {
  entry.importance = importance;
  if (entry.pins.load(std::memory_order_relaxed) == 0) policy_->importance_changed(entry);
}

void BudgetCore::pin(Entry& entry) {
  if (entry.pins++ != 0) return;
  drain();
  policy_->removed(entry, Departure::pinned);
  --evictable_;
  entry.index->counters.pinned_bytes += entry.size;
  if (entry.ExpiryHook::is_linked()) expiries_.erase(expiries_.iterator_to(entry));
}

void BudgetCore::unpin(Entry& entry, DeferredFrees& deferred) {
  if (--entry.pins != 0) return;
  if (entry.index == nullptr) {
    graveyard_.emplace_back(&entry);
    return;
  }
  entry.index->counters.pinned_bytes -= entry.size;
  policy_->inserted(entry);
  ++evictable_;
  if (entry.expires_ms != never_ms) expiries_.insert(entry);
  shrink_to_budget(deferred);
}

void BudgetCore::resize(std::uint64_t bytes_max, DeferredFrees& deferred) {
  drain();
  bytes_max_ = bytes_max;
  policy_->resized(bytes_max);
  shrink_to_budget(deferred);
}

void BudgetCore::shrink_to_budget(DeferredFrees& deferred) {
  while (bytes() > bytes_max()) {
    Item* victim = policy_->victim(nullptr);
    if (victim == nullptr) return;  // only pinned entries are left
    take_off(Entry::of(*victim), Leaving::resized, deferred);
  }
}

void BudgetCore::sweep(DeferredFrees& deferred) {
  if (expiries_.empty()) return;
  const double now_ms = clock_.now_ms();
  while (!expiries_.empty() && expiries_.begin()->expires_ms <= now_ms)
    take_off(*expiries_.begin(), Leaving::expired, deferred);
}

}  // namespace fovea
