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
  // What is left after the wait; a tenth at least, since the wait may be overestimated.
  const double moving_ms = std::max({ms - wait_ms_, ms / 10, 1e-6});
  ms_per_byte_ += weight * (moving_ms / static_cast<double>(bytes) - ms_per_byte_);
}

double TransferTime::expected_ms(std::uint64_t bytes) const {
  MutexLock lock(mutex_);
  return wait_ms_ + static_cast<double>(bytes) * ms_per_byte_;
}

}  // namespace fovea
