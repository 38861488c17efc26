// Whether it is closed is an atomic of its own, so that asking a working tier takes no lock. A failure that
// comes late, of a call that began before it opened, changes nothing: only the try that was allowed counts.
#include "store/lane/breaker.h"

#include <algorithm>
#include <utility>

namespace fovea {

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "unknown";
}

bool Breaker::allows() {
  if (closed_) return true;
  MutexLock lock(mutex_);
  if (closed_) return true;
  if (trying_ || clock_.now_ms() < try_at_ms_) return false;
  return trying_ = true;
}

bool Breaker::succeeded() {
  if (closed_ && clean_) return false;
  MutexLock lock(mutex_);
  failures_ = 0;
  wait_ms_ = 0;
  trying_ = false;
  clean_ = true;
  return !closed_.exchange(true);
}

bool Breaker::failed() {
  MutexLock lock(mutex_);
  clean_ = false;
  if (!closed_) {
    // Calls that were under way when it opened fail too: only the try that was allowed counts.
    if (std::exchange(trying_, false)) open();
    return false;
  }
  if (++failures_ < options_.failures_max) return false;
  open();
  return true;
}

void Breaker::gave_up() {
  MutexLock lock(mutex_);
  trying_ = false;
}

void Breaker::open() {
  closed_ = false;
  wait_ms_ = std::clamp(wait_ms_ * 2, options_.wait_min_ms, options_.wait_max_ms);
  try_at_ms_ = clock_.now_ms() + wait_ms_;
  ++opened_;
}

BreakerState Breaker::state() const {
  MutexLock lock(mutex_);
  if (closed_) return BreakerState::closed;
  return trying_ || clock_.now_ms() >= try_at_ms_ ? BreakerState::half_open : BreakerState::open;
}

std::uint64_t Breaker::times_opened() const {
  MutexLock lock(mutex_);
  return opened_;
}

}  // namespace fovea
