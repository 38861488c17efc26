// The table and the ring change together under one lock, which is the last that anybody takes: stores call
// with their own locks held, and levels with a budget's.
//
// A snapshot is read in pages while the table changes. Each page is right for its own moment, and the events
// since the moment before the first page follow it. Events tell what is held and not a difference, so what a
// page knew already is told again and does no harm.
//
// A table that lacks a change is worse than none. So whatever fails in the middle of a change ends the
// recording, and does not reach the store: it tells in the middle of changes of its own.
#include "store/events/picture_events.h"

#include <algorithm>
#include <utility>

namespace fovea {

PictureEvents::PictureEvents(const PictureEventsOptions& options)
    : options_(options),
      clock_(options.clock != nullptr ? *options.clock : Clock::steady()),
      ring_(options.events_max) {}

void PictureEvents::stored(const Key& entry, const EntryFacts& facts) noexcept {
  std::optional<PictureTable> dropped;  // freed after the unlock
  MutexLock lock(mutex_);
  dropped = stop_unread();
  if (!recording()) return;
  try {
    replace(entry, facts);
  } catch (...) {
    end_recording();
  }
}

void PictureEvents::replace(const Key& entry, const EntryFacts& facts) {
  auto before = table_.remove(entry);
  const auto holdings = table_.add(entry, facts);
  // An embedding of a tile that several pictures have may come back as another one's.
  std::erase_if(before, [&](const PictureHolding& holding) {
    return std::ranges::contains(holdings, holding.picture, &PictureHolding::picture);
  });
  record(PictureChange::evicted, before);
  record(PictureChange::stored, holdings);
}

void PictureEvents::left(const Key& entry, PictureChange change) noexcept {
  MutexLock lock(mutex_);
  if (!recording()) return;
  try {
    record(change, table_.remove(entry));
  } catch (...) {
    end_recording();
  }
}

void PictureEvents::holds(const Key& entry, const EntryFacts& facts) {
  MutexLock lock(mutex_);
  if (recording() && !table_.contains(entry)) table_.add(entry, facts);
}

void PictureEvents::give_up() noexcept {
  MutexLock lock(mutex_);
  end_recording();
}

void PictureEvents::end_recording() noexcept {
  recording_ = false;
  ring_.clear();
  table_.clear();
  news_.notify_all();
}

void PictureEvents::record(PictureChange change, std::span<const PictureHolding> holdings) {
  if (holdings.empty()) return;
  const double now_ms = unix_time_ms();
  for (const PictureHolding& holding : holdings)
    ring_.add({.sequence = 0, .change = change, .at_unix_ms = now_ms, .holding = holding});
  news_.notify_all();
}

// Ends a recording that nobody has read for long; its table.
std::optional<PictureTable> PictureEvents::stop_unread() {
  if (!recording() || readers_ > 0 || clock_.now_ms() - left_ms_ < options_.kept_ms) return {};
  auto table = std::exchange(table_, {});
  end_recording();
  return table;
}

PictureEvents::Reader PictureEvents::follow() {
  Reader reader;
  MutexLock beginning(beginning_);
  {
    std::optional<PictureTable> dropped;
    MutexLock lock(mutex_);
    dropped = stop_unread();
    ++readers_;
    reader.reset(this);
  }
  record_all();
  return reader;
}

// Records from now on, and learns what is held already.
void PictureEvents::record_all() {
  {
    MutexLock lock(mutex_);
    if (recording()) return;
    recording_number_ = std::max(recording_number_ + 1, static_cast<std::uint64_t>(unix_time_ms()));
    recording_ = true;
  }
  try {
    for (PictureSource* source : sources_) source->tell_entries();
  } catch (...) {
    give_up();
    throw;
  }
}

void PictureEvents::leave() {
  MutexLock lock(mutex_);
  --readers_;
  left_ms_ = clock_.now_ms();
}

EventCursor PictureEvents::begin_snapshot() {
  MutexLock beginning(beginning_);
  record_all();
  return now();
}

EventCursor PictureEvents::now() const {
  MutexLock lock(mutex_);
  return {recording_number_, ring_.last()};
}

PictureEvents::News PictureEvents::read(const EventCursor& cursor, std::size_t count) const {
  MutexLock lock(mutex_);
  News news{.events = {}, .next = cursor, .broken = false, .lost = {}};
  if (!recording() || cursor.recording != recording_number_ || cursor.sequence > ring_.last()) {
    news.broken = true;
    return news;
  }
  EventRing::Batch batch = ring_.behind(cursor.sequence, count);
  if (batch.lost > 0) {
    news.broken = true;
    news.lost = batch.lost;
    return news;
  }
  news.events = std::move(batch.events);
  news.next.sequence += news.events.size();
  return news;
}

bool PictureEvents::wait(const EventCursor& cursor, const std::stop_token& stop, std::chrono::milliseconds timeout) {
  MutexLock lock(mutex_);
  news_.wait_for(mutex_, stop, timeout, [&]() FOVEA_REQUIRES(mutex_) { return is_behind(cursor); });
  return is_behind(cursor) && !stop.stop_requested();
}

bool PictureEvents::is_behind(const EventCursor& cursor) const {
  return !recording() || cursor != EventCursor{recording_number_, ring_.last()};
}

std::vector<PictureHolding> PictureEvents::page(const std::optional<PictureKey>& after, std::size_t count) const {
  MutexLock lock(mutex_);
  return table_.page(after, count);
}

}  // namespace fovea
