// Breaker: leaves alone what keeps failing, and tries it again after a while.
//
// Closed, everybody may try. After a few failures in a row it opens: nobody may, for a time that doubles with
// each opening that follows. Then one caller at a time tries; the first success closes it. Thread-safe; while
// closed, asking costs one atomic load.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"

namespace fovea {

enum class BreakerState : std::uint8_t { closed, open, half_open };

// As it is printed, such as "half_open".
std::string_view to_string(BreakerState state);

struct BreakerOptions {
  std::uint32_t failures_max = 2;  // in a row; then it opens
  double wait_min_ms = 100;        // until the first try after it opened
  double wait_max_ms = 10'000;     // until a try at most, however often it failed
};

class Breaker {
 public:
  explicit Breaker(BreakerOptions options = {}, const Clock& clock = Clock::steady())
      : options_(options), clock_(clock) {}

  // Whether to try now. Who is told yes must call succeeded() or failed(), or gave_up() where it came to
  // neither.
  bool allows();
  // Whether the breaker closed by this.
  bool succeeded();
  // Whether the breaker opened by this.
  bool failed();
  void gave_up();

  BreakerState state() const;
  std::uint64_t times_opened() const;

 private:
  void open() FOVEA_REQUIRES(mutex_);

  const BreakerOptions options_;
  const Clock& clock_;
  std::atomic<bool> closed_ = true;
  std::atomic<bool> clean_ = true;  // no failure since the last success
  mutable Mutex mutex_;
  std::uint32_t failures_ FOVEA_GUARDED_BY(mutex_) = 0;  // in a row
  double wait_ms_ FOVEA_GUARDED_BY(mutex_) = 0;
  double try_at_ms_ FOVEA_GUARDED_BY(mutex_) = 0;
  bool trying_ FOVEA_GUARDED_BY(mutex_) = false;
  std::uint64_t opened_ FOVEA_GUARDED_BY(mutex_) = 0;
};

}  // namespace fovea
