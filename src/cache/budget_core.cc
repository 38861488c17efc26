// Approach: every change of what is stored goes through one lock, in the order that the callers get it.
// Before each decision the hits recorded since the last one are told to the policy, so it decides as if every
// hit had taken the lock too.
// Invariants, while the lock is free: bytes_ is the sum of the sizes of the indexed entries and at most
// bytes_max_ (pinned entries may exceed a lowered limit); the policy holds exactly the indexed entries that
// are not pinned; an entry with a time to live is in expiries_ unless it is pinned.
// Retired entries. A hit may have recorded an entry in the access log just before the entry was removed. A
// removed entry is therefore kept in retired_ until every ring has been read once without interruption.
// Hot entries. Readers of one entry on many threads would queue for its one reference count. Such an entry
// gets copies, one reference count a stripe, all of which keep the same value alive.
#include "cache/budget_core.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

#include "cache/policies.h"

namespace fovea {

namespace {

// An entry is hot when at least one in so many hits of a stripe is a hit on it.
constexpr std::size_t hot_part = 32;
// The copies of one entry cost 64 bytes a stripe. No more entries than this can make up such a part at a
// time.
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

BudgetCore::~BudgetCore() = default;  // the levels have cleared their indexes before

void BudgetCore::drain_soon(std::size_t stripe) {
  if (!mutex.try_lock()) return;
  Entry* candidate = nullptr;
  std::size_t hits = 0;
  std::size_t of_candidate = 0;
  log_.read(stripe, [&](Entry& entry) FOVEA_THREAD_ANNOTATION(no_thread_safety_analysis) {
    if (candidate == nullptr) candidate = &entry;
    ++hits;
    of_candidate += &entry == candidate ? 1 : 0;
    tell_policy(entry);
  });
  if (of_candidate > 1 && of_candidate * hot_part >= hits) make_copies(*candidate);
  mutex.unlock();
}

void BudgetCore::drain() {
  bool complete = true;
  for (std::size_t stripe = 0; stripe < stripe_count; ++stripe) {
    complete &=
        log_.read(stripe, [&](Entry& entry) FOVEA_THREAD_ANNOTATION(no_thread_safety_analysis) { tell_policy(entry); });
  }
  // An entry is not recorded any more once it is retired, and every record from before has been read now.
  if (complete) retired_.clear();
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
  entry->level = index.level;  // the policy judges a newcomer by what it learnt of its level
  if (Entry* replaced = find(index, entry->key, deferred)) remove(*replaced, Removal::replaced, deferred);
  if (const auto bypass = make_room(*entry, deferred)) {
    ++index.counters.bypasses_by[static_cast<std::size_t>(*bypass)];
    deferred.values.push_back(std::move(entry->held));
    return bypass;
  }
  add(index, *entry.release());
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
    remove(Entry::of(*victim), Removal::capacity, deferred);
  }
  return std::nullopt;
}

void BudgetCore::add(LevelIndex& index, Entry& entry) {
  entry.index = &index;
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

void BudgetCore::remove(Entry& entry, Removal why, DeferredFrees& deferred) {
  LevelIndex& index = *entry.index;
  Bucket& bucket = index.bucket_of(entry.key);
  {
    BucketLock lock(bucket);
    bucket.unlink(entry);
  }  // entry.held still keeps the value
  count_removal(entry, why);
  bytes_ -= entry.size;
  index.counters.bytes -= entry.size;
  --index.counters.entries;
  if (entry.ExpiryHook::is_linked()) expiries_.erase(expiries_.iterator_to(entry));
  entry.held->mark_removed(index.in_use);
  deferred.values.push_back(std::move(entry.held));
  if (!entry.copies.empty()) {
    std::ranges::move(entry.copies, std::back_inserter(deferred.values));
    entry.copies.clear();
    --copied_;
  }
  entry.index = nullptr;
  if (entry.pins.load(std::memory_order_relaxed) != 0) {
    index.counters.pinned_bytes -= entry.size;
    return;  // its Pin still points to it; unpin() retires it
  }
  constexpr auto cause_of = [](Removal removal) {
    switch (removal) {
      case Removal::expired:
        return RemovalCause::expired;
      case Removal::erased:
        return RemovalCause::erased;
      case Removal::replaced:
        return RemovalCause::replaced;
      default:
        return RemovalCause::evicted;
    }
  };
  policy_->removed(entry, cause_of(why));
  --evictable_;
  retired_.emplace_back(&entry);
  const bool evicted = why != Removal::erased && why != Removal::replaced;
  if (evicted && index.on_eviction) index.on_eviction(entry.key);  // nothing is left to do
}

void BudgetCore::count_removal(const Entry& entry, Removal why) {
  LevelIndex& index = *entry.index;
  switch (why) {
    case Removal::replaced:
      return;
    case Removal::erased:
      return index.ghosts.removed(entry.id, MissReason::erased);
    case Removal::expired:
      index.ghosts.removed(entry.id, MissReason::expired);
      break;
    default:
      index.ghosts.removed(entry.id, MissReason::evicted);
  }
  const EvictionReason reason = why == Removal::expired   ? EvictionReason::expired
                                : why == Removal::resized ? EvictionReason::resized
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
  policy_->removed(entry, RemovalCause::pinned);
  --evictable_;
  entry.index->counters.pinned_bytes += entry.size;
  if (entry.ExpiryHook::is_linked()) expiries_.erase(expiries_.iterator_to(entry));
}

void BudgetCore::unpin(Entry& entry, DeferredFrees& deferred) {
  if (--entry.pins != 0) return;
  if (entry.index == nullptr) {
    retired_.emplace_back(&entry);
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
    remove(Entry::of(*victim), Removal::resized, deferred);
  }
}

void BudgetCore::sweep(DeferredFrees& deferred) {
  if (expiries_.empty()) return;
  const double now_ms = clock_.now_ms();
  while (!expiries_.empty() && expiries_.begin()->expires_ms <= now_ms)
    remove(*expiries_.begin(), Removal::expired, deferred);
}

}  // namespace fovea
