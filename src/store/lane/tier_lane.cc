// Which look-ups are made, for how long, and what is written, says Placement.
//
// What the tier did not remove is pending: the entries of it are not believed, and it is tried again before
// each write that follows. A look-up goes by what was pending when it began, since it may find an entry
// just before that is removed. What is purged while it is written is not believed either, until it is
// removed behind its write: the tier may have stored it after the purge.
//
// A full disk is still a disk to read from, so reading and writing fail apart.
#include "store/lane/tier_lane.h"

#include <algorithm>
#include <format>
#include <utility>
#include <variant>

namespace fovea {

namespace {

using std::chrono::steady_clock;

steady_clock::time_point after_ms(double ms) {
  return steady_clock::now() +
         std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double, std::milli>(ms));
}

bool is_usable(RecordKind kind, const TierHit& hit, const Key& scope, const auto& doubts) {
  if (hit.record.header.scope != scope || doubts.pending->cover(kind, hit.entry)) return false;
  return !doubts.removing || doubts.removing->kind != kind || doubts.removing->key != hit.entry.key;
}

}  // namespace

TierLane::TierLane(std::unique_ptr<Tier> tier, TierLaneOptions options)
    : tier_(std::move(tier)),
      options_(std::move(options)),
      clock_(options_.clock != nullptr ? *options_.clock : Clock::steady()),
      reading_(options_.breaker, clock_),
      writing_(options_.breaker, clock_),
      placement_(options_.transfer, options_.expected),
      writes_(*this, options_.write_behind) {}

bool TierLane::asks(RecordKind kind, bool ahead) {
  if (placement_.asks(kind) && reading_.allows()) return true;
  if (!ahead) ++counts(kind).skipped;
  return false;
}

WaitLimits TierLane::bounded(RecordKind kind, std::size_t values, const WaitLimits& limits) const {
  WaitLimits bounded = limits;
  const auto bound = after_ms(placement_.wait_ms(kind, values));
  if (!bounded.deadline || bound < *bounded.deadline) bounded.deadline = bound;
  return bounded;
}

std::vector<std::optional<TierHit>> TierLane::find_many(RecordKind kind, std::span<const Key> keys, const Key& scope,
                                                        const WaitLimits& limits) {
  std::vector<std::optional<TierHit>> none(keys.size());
  if (keys.empty() || !asks(kind, limits.ahead)) return none;
  const Doubts doubtful = doubts();
  const Stopwatch asking(clock_);
  auto found = tier_->find_many(kind, keys, bounded(kind, keys.size(), limits));
  Counts& count = counts(kind);
  if (!found) {
    count.failed += keys.size();
    failed(reading_, found.error());
    return none;
  }
  worked(reading_);
  const double took_ms = asking.elapsed_ms();
  std::uint64_t bytes = 0;
  for (std::optional<TierHit>& hit : *found) {
    if (hit && !is_usable(kind, *hit, scope, doubtful)) hit.reset();
    if (!hit) {
      if (!limits.ahead) ++count.misses;
      continue;
    }
    bytes += hit->entry.record.size();
    count_hit(kind, *hit, limits.ahead);
  }
  if (bytes > 0 && !limits.ahead) count.hit_ms += took_ms;
  placement_.observe_transfer(bytes, took_ms);
  return std::move(*found);
}

std::optional<Tier::Last> TierLane::find_last(RecordKind kind, std::span<const Key> keys, const Key& scope,
                                              const WaitLimits& limits) {
  if (keys.empty() || !asks(kind)) return std::nullopt;
  const Doubts doubtful = doubts();
  const Stopwatch asking(clock_);
  auto found = tier_->find_last(kind, keys, bounded(kind, 1, limits));
  Counts& count = counts(kind);
  if (!found) {
    ++count.failed;
    failed(reading_, found.error());
    return std::nullopt;
  }
  worked(reading_);
  const double took_ms = asking.elapsed_ms();
  if (!*found || !is_usable(kind, (*found)->hit, scope, doubtful)) {
    ++count.misses;
    placement_.observe_transfer(0, took_ms);
    return std::nullopt;
  }
  count_hit(kind, (*found)->hit);
  count.hit_ms += took_ms;
  placement_.observe_transfer((*found)->hit.entry.record.size(), took_ms);
  return std::move(*found);
}

void TierLane::count_hit(RecordKind kind, const TierHit& hit, bool ahead) {
  Counts& count = counts(kind);
  count.hit_bytes += hit.entry.record.size();
  if (!ahead) ++count.hits;
  // A file was not computed: its cost only says that it is to be kept.
  if (kind != RecordKind::file && !ahead) count.saved_ms += hit.record.header.cost_ms;
  placement_.observe_value(kind, hit.record.header.cost_ms, hit.entry.record.size());
}

// A call that was cancelled, or refused for what it asked, says nothing of the tier.
void TierLane::failed(Breaker& breaker, const Error& error) {
  if (error.fault == Fault::cancelled || error.fault == Fault::too_large || error.fault == Fault::unsupported)
    return breaker.gave_up();
  {
    MutexLock lock(fault_mutex_);
    last_fault_ = error.message;
    last_fault_unix_ms_ = unix_time_ms();
  }
  if (!breaker.failed() || !options_.tell) return;
  options_.tell(std::format("the {} tier cannot be {} and is left alone for now: {}", to_string(kind()),
                            &breaker == &reading_ ? "read" : "written", error.message));
}

void TierLane::worked(Breaker& breaker) {
  if (!breaker.succeeded() || !options_.tell) return;
  options_.tell(
      std::format("the {} tier can be {} again", to_string(kind()), &breaker == &reading_ ? "read" : "written"));
}

// A lease is a write: a server that is full, or a replica, refuses it and is read all the same. The tier is
// looked into once more in any case: the value may have come since it was missed, and its lease stand all
// the same.
TierLane::LeaseAnswer TierLane::acquire_lease(RecordKind kind, const Key& key, const Key& scope) {
  if (tier_->kind() != TierKind::shared) return {};
  if (!placement_.is_worth_lease(kind) || !writing_.allows()) return {};
  const std::chrono::milliseconds time(static_cast<long long>(placement_.lease_ms(kind)));
  const auto acquired = tier_->acquire_lease(key, time);
  if (!acquired) {
    failed(writing_, acquired.error());
    return {};
  }
  worked(writing_);
  auto hit = find_again(kind, key, scope);
  if (hit && *acquired) release_lease(key);
  return {.hit = std::move(hit), .wait = *acquired ? std::nullopt : std::optional(time)};
}

// A look-up that was counted as a miss before.
std::optional<TierHit> TierLane::find_again(RecordKind kind, const Key& key, const Key& scope) {
  const Doubts doubtful = doubts();
  auto found = tier_->find_many(kind, std::span(&key, 1), bounded(kind, 1, {}));
  if (!found || !found->front() || !is_usable(kind, *found->front(), scope, doubtful)) return std::nullopt;
  count_hit(kind, *found->front());
  return std::move(found->front());
}

void TierLane::release_lease(const Key& key) { tier_->release_lease(key); }

bool TierLane::offer(RecordKind kind, TierEntry entry) {
  const Key key = entry.key;
  const bool taken = take(kind, std::move(entry));
  if (!taken) release_lease(key);
  return taken;
}

bool TierLane::take(RecordKind kind, TierEntry entry) {
  const auto record = view_record(entry.record);
  if (!record || entry.images.size() > entry_images_max) return false;
  const double cost_ms = record->header.cost_ms;
  placement_.observe_value(kind, cost_ms, entry.record.size());
  if (!placement_.writes(kind, cost_ms, entry.record.size())) {
    ++counts(kind).not_worth;
    return false;
  }
  return writes_.push(kind, std::move(entry));
}

void TierLane::write(RecordKind kind, const TierEntry& entry) {
  remove_pending();
  Counts& count = counts(kind);
  const Stopwatch writing(clock_);
  if (change([&] { return tier_->insert(kind, entry); })) {
    placement_.observe_write(entry.record.size(), writing.elapsed_ms());
    ++count.written;
    count.written_bytes += entry.record.size();
  } else {
    ++count.write_failed;
  }
  release_lease(entry.key);  // whoever waits for it finds it now
}

// Not from the queue: what waits there under this key was stored after the purge.
void TierLane::remove(RecordKind kind, const Key& key) { remove_or_wait(Erasure{kind, {key}}); }

void TierLane::erase(RecordKind kind, std::span<const Key> keys) {
  writes_.erase(kind, keys);
  remove_or_wait(Erasure{kind, {keys.begin(), keys.end()}});
}

void TierLane::purge(std::span<const PurgeLabel> labels) {
  withdraw(labels);
  if (change([&] { return tier_->purge_labels(labels); })) return;
  for (const PurgeLabel& label : labels) pending_.add(label);
}

void TierLane::withdraw(std::span<const PurgeLabel> labels) {
  for (const PurgeLabel& label : labels) writes_.purge(label);
}

void TierLane::remove_or_wait(Removal removal) {
  if (!remove_from_tier(removal)) pending_.add(std::move(removal));
}

bool TierLane::flush(std::chrono::steady_clock::time_point deadline) {
  const bool written = writes_.flush(deadline);
  remove_pending(true);  // also of a tier that is left alone: there may be no other chance
  return written;
}

// Whether the tier did what it was told; false too where it is left alone, unless it is to be tried always.
template <typename Change>
bool TierLane::change(const Change& change, bool always) {
  if (!writing_.allows() && !always) return false;
  if (const Result<void> changed = change(); !changed) {
    failed(writing_, changed.error());
    return false;
  }
  worked(writing_);
  return true;
}

bool TierLane::remove_from_tier(const Removal& removal, bool always) {
  const auto remove = [&] {
    if (const auto* erasure = std::get_if<Erasure>(&removal)) return tier_->erase(erasure->kind, erasure->keys);
    return tier_->purge_labels(std::span(&std::get<PurgeLabel>(removal), 1));
  };
  return change(remove, always);
}

void TierLane::remove_pending(bool always) {
  const auto pending = pending_.now();
  std::uint64_t done = 0;
  for (const auto& [number, removal] : pending->removals) {
    if (!remove_from_tier(removal, always)) break;
    done = number;
  }
  if (done != 0) pending_.done_through(done);
}

TierStats TierLane::stats() const {
  TierStats stats{.kind = kind(),
                  .reading = reading_.state(),
                  .writing = writing_.state(),
                  .times_opened = reading_.times_opened() + writing_.times_opened(),
                  .write_behind = writes_.stats(),
                  .doubtful = tier_->doubtful(),
                  .use = {}};
  {
    MutexLock lock(fault_mutex_);
    stats.last_fault = last_fault_;
    stats.last_fault_unix_ms = last_fault_unix_ms_;
  }
  stats.removals_pending = pending_.now()->removals.size();
  for (const RecordKind kind : all_record_kinds) {
    const Counts& count = counts_[static_cast<std::size_t>(kind) - 1];
    stats.use[static_cast<std::size_t>(kind) - 1] = {.hits = count.hits,
                                                     .misses = count.misses,
                                                     .skipped = count.skipped,
                                                     .failed = count.failed,
                                                     .hit_bytes = count.hit_bytes,
                                                     .hit_ms = count.hit_ms,
                                                     .saved_ms = count.saved_ms,
                                                     .written = count.written,
                                                     .written_bytes = count.written_bytes,
                                                     .not_worth = count.not_worth,
                                                     .write_failed = count.write_failed,
                                                     .content = tier_->content(kind)};
  }
  return stats;
}

std::vector<TierStats> stats_of(const Tiers* tiers) {
  std::vector<TierStats> stats;
  if (tiers == nullptr) return stats;
  for (const auto& tier : *tiers) stats.push_back(tier->stats());
  return stats;
}

}  // namespace fovea
