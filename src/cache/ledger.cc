#include "cache/ledger.h"

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

Ledger::Ledger(const BudgetOptions& options)
    : clock_(options.clock != nullptr ? *options.clock : Clock::steady()),
      bytes_max_(options.bytes_max),
      policy_(make_policy(options.policy)) {
  policy_->resized(options.bytes_max);
}

Ledger::~Ledger() = default;  // the levels emptied their shelves; the graveyard goes with its owner

void Ledger::drain_soon(std::size_t stripe) {
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

void Ledger::drain() {
  bool complete = true;
  for (std::size_t stripe = 0; stripe < stripe_count; ++stripe) {
    complete &=
        log_.read(stripe, [&](Entry& entry) FOVEA_THREAD_ANNOTATION(no_thread_safety_analysis) { tell_policy(entry); });
  }
  // What was buried before this call could not be noted after its burial, and every note before has been read now.
  if (complete) graveyard_.clear();
}

void Ledger::tell_policy(Entry& entry) {
  if (entry.shelf == nullptr) return;
  ++entry.hits;
  if (entry.pins.load(std::memory_order_relaxed) == 0) policy_->hit(entry);
}

void Ledger::make_copies(Entry& entry) {
  if (entry.shelf == nullptr || !entry.copies.empty() || copied_ == copied_entries_max) return;
  std::vector<std::shared_ptr<const HeldValue>> copies;
  for (std::size_t i = 0; i < stripe_count; ++i) {
    using Owner = std::shared_ptr<const HeldValue>;
    const auto owner = std::allocate_shared<Owner>(OnOwnLine<Owner>(), entry.held);
    copies.emplace_back(owner, owner->get());
  }
  Bucket& bucket = entry.shelf->bucket_of(entry.key);
  BucketLock lock(bucket);
  entry.copies = std::move(copies);
  bucket.find(entry.key)->plain = false;
  ++copied_;
}

std::optional<BypassReason> Ledger::store(Shelf& shelf, std::unique_ptr<Entry> entry, Departed& departed) {
  drain();
  if (Entry* replaced = find(shelf, entry->key, departed)) take_off(*replaced, Leaving::replaced, departed);
  if (const auto bypass = make_room(*entry, departed)) {
    ++shelf.counters.bypasses_by[static_cast<std::size_t>(*bypass)];
    departed.values.push_back(std::move(entry->held));
    return bypass;
  }
  put_on(shelf, *entry.release());
  return std::nullopt;
}

std::optional<BypassReason> Ledger::make_room(const Entry& entry, Departed& departed) {
  if (entry.size > bytes_max()) return BypassReason::too_large;
  while (bytes() + entry.size > bytes_max()) {
    Item* victim = policy_->victim(&entry);
    if (victim == nullptr) {
      policy_->declined(entry);
      return evictable_ == 0 ? BypassReason::pinned : BypassReason::declined;
    }
    take_off(Entry::of(*victim), Leaving::capacity, departed);
  }
  return std::nullopt;
}

void Ledger::put_on(Shelf& shelf, Entry& entry) {
  entry.shelf = &shelf;
  entry.level = shelf.level;
  entry.stored_ms = clock_.now_ms();
  bytes_ += entry.size;
  shelf.counters.bytes += entry.size;
  ++shelf.counters.entries;
  ++shelf.counters.insertions;
  ++evictable_;
  policy_->inserted(entry);
  if (entry.expires_ms != never_ms) expiries_.insert(entry);
  shelf.ghosts.stored(entry.content);
  Bucket& bucket = shelf.bucket_of(entry.key);
  BucketLock lock(bucket);
  bucket.link(entry);
}

void Ledger::take_off(Entry& entry, Leaving why, Departed& departed) {
  Shelf& shelf = *entry.shelf;
  Bucket& bucket = shelf.bucket_of(entry.key);
  {
    BucketLock lock(bucket);
    bucket.unlink(entry);
  }  // `held` keeps the value
  count_departure(entry, why);
  bytes_ -= entry.size;
  shelf.counters.bytes -= entry.size;
  --shelf.counters.entries;
  if (entry.ExpiryHook::is_linked()) expiries_.erase(expiries_.iterator_to(entry));
  entry.held->depart(shelf.in_use);
  departed.values.push_back(std::move(entry.held));
  if (!entry.copies.empty()) {
    std::ranges::move(entry.copies, std::back_inserter(departed.values));
    entry.copies.clear();
    --copied_;
  }
  entry.shelf = nullptr;
  if (entry.pins.load(std::memory_order_relaxed) != 0) {
    shelf.counters.pinned_bytes -= entry.size;
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

void Ledger::count_departure(const Entry& entry, Leaving why) {
  Shelf& shelf = *entry.shelf;
  switch (why) {
    case Leaving::replaced:
      return;
    case Leaving::erased:
      return shelf.ghosts.departed(entry.id, MissReason::erased);
    case Leaving::expired:
      shelf.ghosts.departed(entry.id, MissReason::expired);
      break;
    default:
      shelf.ghosts.departed(entry.id, MissReason::evicted);
  }
  const EvictionReason reason = why == Leaving::expired   ? EvictionReason::expired
                                : why == Leaving::resized ? EvictionReason::resized
                                                          : EvictionReason::capacity;
  ++shelf.counters.evictions_by[static_cast<std::size_t>(reason)];
  ++shelf.counters.importance_at_eviction[importance_bin(entry.importance)];
  ++shelf.counters.age_at_eviction[age_bin(clock_.now_ms() - entry.stored_ms)];
}

Entry* Ledger::find(Shelf& shelf, const Key& key, Departed& departed) {
  sweep(departed);
  const Slot* slot = shelf.bucket_of(key).find(key);
  return slot == nullptr ? nullptr : slot->entry;
}

void Ledger::set_importance(Entry& entry, float importance) {
  entry.importance = importance;
  if (entry.pins.load(std::memory_order_relaxed) == 0) policy_->importance_changed(entry);
}

void Ledger::pin(Entry& entry) {
  if (entry.pins++ != 0) return;
  drain();
  policy_->removed(entry, Departure::pinned);
  --evictable_;
  entry.shelf->counters.pinned_bytes += entry.size;
  if (entry.ExpiryHook::is_linked()) expiries_.erase(expiries_.iterator_to(entry));
}

void Ledger::unpin(Entry& entry, Departed& departed) {
  if (--entry.pins != 0) return;
  if (entry.shelf == nullptr) {
    graveyard_.emplace_back(&entry);
    return;
  }
  entry.shelf->counters.pinned_bytes -= entry.size;
  policy_->inserted(entry);
  ++evictable_;
  if (entry.expires_ms != never_ms) expiries_.insert(entry);
  shrink_to_budget(departed);
}

void Ledger::resize(std::uint64_t bytes_max, Departed& departed) {
  drain();
  bytes_max_ = bytes_max;
  policy_->resized(bytes_max);
  shrink_to_budget(departed);
}

void Ledger::shrink_to_budget(Departed& departed) {
  while (bytes() > bytes_max()) {
    Item* victim = policy_->victim(nullptr);
    if (victim == nullptr) return;  // only pinned entries are left
    take_off(Entry::of(*victim), Leaving::resized, departed);
  }
}

void Ledger::sweep(Departed& departed) {
  if (expiries_.empty()) return;
  const double now_ms = clock_.now_ms();
  while (!expiries_.empty() && expiries_.begin()->expires_ms <= now_ms)
    take_off(*expiries_.begin(), Leaving::expired, departed);
}

}  // namespace fovea
