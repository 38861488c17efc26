// PictureEvents: tells readers which pictures the memory of this process holds something of, and every change
// of that, so that a router can send a request where its pictures are.
//
// Recording begins with the first reader: the stores are asked once what they hold, and tell every change
// from then on. It ends some minutes after the last reader has left, so that one that comes back misses
// nothing. It ends at once where a change cannot be told for want of memory; readers then take another
// snapshot, which records again. While nothing is recorded, a store pays a look at one atomic number for each
// entry that comes or goes, and a look-up pays nothing. Thread-safe. The stores tell under their own locks,
// and nothing is called from here under a lock but the clocks and, under one that no store takes,
// PictureSource.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "store/events/event_ring.h"
#include "store/events/picture_event.h"
#include "store/events/picture_table.h"

namespace fovea {

struct PictureEventsOptions {
  std::size_t events_max = 16384;  // that a reader may be behind: at most some 3 MiB
  double kept_ms = 300'000;        // that recording goes on without readers
  const Clock* clock = nullptr;    // null = the machine's; outlives the events
};

// Where a reader is: behind this event of this recording.
struct EventCursor {
  std::uint64_t recording = 0;  // when it began, Unix time in milliseconds: no two are the same
  std::uint64_t sequence = 0;

  friend bool operator==(const EventCursor&, const EventCursor&) = default;
};

// A store that is asked what it holds.
class PictureSource {
 public:
  // Calls PictureEvents::holds() for each entry that is held throughout the call. Those that come meanwhile
  // are told by stored().
  virtual void tell_entries() = 0;

 protected:
  ~PictureSource() = default;
};

class PictureEvents {
 public:
  explicit PictureEvents(const PictureEventsOptions& options = {});
  PictureEvents(const PictureEvents&) = delete;
  PictureEvents& operator=(const PictureEvents&) = delete;

  // ---- for stores

  // REQUIRES: called before anybody reads. The source lives as long as somebody may read.
  void add(PictureSource& source) { sources_.push_back(&source); }
  // Where this is false, stored(), left() and holds() need not be called.
  bool recording() const { return recording_.load(std::memory_order_relaxed); }
  // `entry` was stored, in place of any other of its key.
  void stored(const Key& entry, const EntryFacts& facts) noexcept;
  // `entry` has gone. Nothing where it is not known.
  void left(const Key& entry, PictureChange change) noexcept;
  // `entry` is held, and was when recording began: no event.
  void holds(const Key& entry, const EntryFacts& facts);
  // There was a change that cannot be told: ends the recording.
  void give_up() noexcept;

  // ---- for readers

  struct Leave {
    void operator()(PictureEvents* events) const { events->leave(); }
  };
  // Somebody who reads, until it is destroyed. What is below is called while there is one.
  using Reader = std::unique_ptr<PictureEvents, Leave>;
  Reader follow();

  // Called before the pages of a snapshot: where to go on behind them. Records again where the recording has
  // ended.
  EventCursor begin_snapshot();
  EventCursor now() const;

  struct News {
    std::vector<PictureEvent> events;  // the oldest first
    EventCursor next;                  // behind them
    // Events between are not kept any more, or `cursor` is of another recording than this, or there is none:
    // who reads takes another snapshot.
    bool broken = false;
    std::optional<std::uint64_t> lost;  // how many, where that is known
  };
  // What came behind `cursor`; `count` events at most.
  News read(const EventCursor& cursor, std::size_t count) const;
  // Until read() has something to tell. False where it has not in time, or `stop` was requested.
  bool wait(const EventCursor& cursor, const std::stop_token& stop, std::chrono::milliseconds timeout);

  // What is held now, as PictureTable::page().
  std::vector<PictureHolding> page(const std::optional<PictureKey>& after, std::size_t count) const;

 private:
  void leave();
  void replace(const Key& entry, const EntryFacts& facts) FOVEA_REQUIRES(mutex_);
  void record_all() FOVEA_REQUIRES(beginning_);
  void end_recording() noexcept FOVEA_REQUIRES(mutex_);
  void record(PictureChange change, std::span<const PictureHolding> holdings) FOVEA_REQUIRES(mutex_);
  bool is_behind(const EventCursor& cursor) const FOVEA_REQUIRES(mutex_);
  std::optional<PictureTable> stop_unread() FOVEA_REQUIRES(mutex_);

  const PictureEventsOptions options_;
  const Clock& clock_;
  std::vector<PictureSource*> sources_;  // fixed once somebody reads
  Mutex beginning_;                      // held while the sources tell what they hold
  std::atomic<bool> recording_ = false;  // changed under mutex_
  mutable Mutex mutex_;
  std::condition_variable_any news_;
  std::size_t readers_ FOVEA_GUARDED_BY(mutex_) = 0;
  double left_ms_ FOVEA_GUARDED_BY(mutex_) = 0;  // when the last reader did
  std::uint64_t recording_number_ FOVEA_GUARDED_BY(mutex_) = 0;
  EventRing ring_ FOVEA_GUARDED_BY(mutex_);
  PictureTable table_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea
