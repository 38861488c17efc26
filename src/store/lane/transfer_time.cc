#include "store/lane/transfer_time.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::uint64_t small_bytes = 16 << 10;  // below, the wait is nearly all of it
constexpr double weight = 0.1;                   // of a new observation

}  // namespace

void TransferTime::observe(std::uint64_t bytes, double ms) {
  if (!(ms >= 0)) return;
  MutexLock lock(mutex_);
  if (bytes <= small_bytes) {
    wait_ms_ += weight * (ms - wait_ms_);
    return;
  }
  guessed_ = false;
  ms_per_byte_ += weight * (moving_ms_per_byte(bytes, ms) - ms_per_byte_);
}

void TransferTime::observe_write(std::uint64_t bytes, double ms) {
  if (!(ms >= 0) || bytes <= small_bytes) return;
  MutexLock lock(mutex_);
  if (guessed_) ms_per_byte_ = std::min(ms_per_byte_, moving_ms_per_byte(bytes, ms));
}

// What is left after the wait; a tenth at least, since the wait may be overestimated.
double TransferTime::moving_ms_per_byte(std::uint64_t bytes, double ms) const {
  return std::max({ms - wait_ms_, ms / 10, 1e-6}) / static_cast<double>(bytes);
}

double TransferTime::expected_ms(std::uint64_t bytes) const {
  MutexLock lock(mutex_);
  return wait_ms_ + static_cast<double>(bytes) * ms_per_byte_;
}

}  // namespace fovea
