#include "store/events/event_ring.h"

#include <algorithm>

namespace fovea {

void EventRing::add(PictureEvent event) {
  event.sequence = ++last_;
  if (events_.size() == events_max_) events_.pop_front();
  events_.push_back(event);
}

void EventRing::clear() noexcept {
  events_.clear();
  last_ = 0;
}

EventRing::Batch EventRing::behind(std::uint64_t after, std::size_t count) const {
  const std::uint64_t gone = last_ - events_.size();
  if (after < gone) return {.events = {}, .lost = gone - after};
  const std::size_t skipped = after - gone;
  const std::size_t taken = std::min(count, events_.size() - skipped);
  const auto first = events_.begin() + static_cast<std::ptrdiff_t>(skipped);
  return {.events = {first, first + static_cast<std::ptrdiff_t>(taken)}, .lost = 0};
}

}  // namespace fovea
