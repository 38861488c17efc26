// Clock: time by constructor, so that tests and the simulator can set it; Stopwatch: milliseconds since it was made.
#pragma once

#include <chrono>

namespace fovea {

// Thread-safe. Milliseconds since some fixed start.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual double now_ms() const = 0;

  // The machine's monotonic clock.
  static const Clock& steady();
  // The wall clock, from 1970 on: processes share it. It may be set back.
  static const Clock& wall();
};

// Milliseconds since 1970 by the wall clock, which processes share, and which may be set back.
double unix_time_ms();

class Stopwatch {
 public:
  explicit Stopwatch(const Clock& clock = Clock::steady()) : clock_(&clock), start_ms_(clock.now_ms()) {}
  double elapsed_ms() const { return clock_->now_ms() - start_ms_; }

 private:
  const Clock* clock_;
  double start_ms_;
};

}  // namespace fovea
