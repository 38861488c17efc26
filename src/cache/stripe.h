// Stripe: one of several locks of a bucket. Stripes keep the readers of one bucket out of each other's cache
// lines.
//
// A reader takes the stripe of its own thread alone. A thread that changes the bucket takes all of its
// stripes. So two threads that hit the same key, or the same bucket, write to no common line. A change costs
// some more locks, but it follows milliseconds of compute. Hits are counted beside the lock that they take
// anyway.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <thread>

#include "base/mutex.h"

namespace fovea {

struct alignas(64) Stripe {
  Mutex mutex;
  std::uint64_t hits FOVEA_GUARDED_BY(mutex) = 0;
  double saved_ms FOVEA_GUARDED_BY(mutex) = 0;
};
static_assert(sizeof(Stripe) == 64, "one cache line a stripe");

// As many as cores, within bounds. Where threads are more than stripes, some share a stripe.
inline const std::size_t stripe_count =
    std::clamp<std::size_t>(std::bit_ceil(std::size_t{std::thread::hardware_concurrency()}), 4, 16);

// The calling thread's stripe.
inline std::size_t this_stripe() {
  static std::atomic<std::size_t> threads = 0;
  thread_local const std::size_t stripe = threads++ % stripe_count;
  return stripe;
}

}  // namespace fovea
