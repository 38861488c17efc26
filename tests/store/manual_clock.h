// ManualClock: a clock that stands still until a test lets time pass. Thread-safe.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace fovea::test {

class ManualClock final : public Clock {
 public:
  double now_ms() const override { return now_ms_; }
  void pass(double ms) { now_ms_ += ms; }

 private:
  std::atomic<double> now_ms_ = 5000;
};

}  // namespace fovea::test
