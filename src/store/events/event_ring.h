// EventRing: the last events, by number, so that a reader that was away for a while takes up where it was.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "store/events/picture_event.h"

namespace fovea {

class EventRing {
 public:
  // REQUIRES: events_max > 0.
  explicit EventRing(std::size_t events_max) : events_max_(events_max) {}

  // Numbers the event and keeps it in place of the oldest.
  void add(PictureEvent event);
  // As it was made.
  void clear() noexcept;
  // The number of the last event that was added; 0 before the first.
  std::uint64_t last() const { return last_; }

  struct Batch {
    std::vector<PictureEvent> events;  // the oldest first
    std::uint64_t lost = 0;            // how many came behind `after` and are kept no more; then there are no events
  };
  // The events behind the one of number `after`, `count` at most. REQUIRES: after <= last().
  Batch behind(std::uint64_t after, std::size_t count) const;

 private:
  std::size_t events_max_;
  std::deque<PictureEvent> events_;
  std::uint64_t last_ = 0;
};

}  // namespace fovea
