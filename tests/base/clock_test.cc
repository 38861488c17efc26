// A Stopwatch uses the clock that it is given. The steady clock never goes back.
#include "base/clock.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

class ManualClock final : public Clock {
 public:
  double now_ms() const override { return now_; }
  double now_ = 100;
};

TEST(Stopwatch, MeasuresByTheClockItIsGiven) {
  ManualClock clock;
  const Stopwatch watch(clock);
  EXPECT_EQ(watch.elapsed_ms(), 0);
  clock.now_ = 142.5;
  EXPECT_EQ(watch.elapsed_ms(), 42.5);
}

TEST(Clock, SteadyNeverGoesBack) {
  double last = Clock::steady().now_ms();
  for (int i = 0; i < 1000; ++i) {
    const double now = Clock::steady().now_ms();
    EXPECT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace fovea
