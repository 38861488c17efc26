#include "tier/valkey/breaker.h"

#include <gtest/gtest.h>

namespace fovea::valkey {
namespace {

using namespace std::chrono_literals;
using enum Breaker::Admission;

constexpr Breaker::Time start{};

TEST(BreakerTest, OpensAfterTwoFailuresInARow) {
  Breaker breaker;
  EXPECT_EQ(breaker.admit(start), call);
  breaker.failed(call, start);
  EXPECT_EQ(breaker.admit(start), call);
  breaker.succeeded();
  breaker.failed(call, start);
  EXPECT_FALSE(breaker.is_open());
  breaker.failed(call, start);
  EXPECT_TRUE(breaker.is_open());
  EXPECT_EQ(breaker.admit(start), refused);
  EXPECT_EQ(breaker.admit(start + 99ms), refused);
  EXPECT_TRUE(breaker.would_refuse(start + 99ms));
  EXPECT_FALSE(breaker.would_refuse(start + 100ms));
}

TEST(BreakerTest, SendsOneProbeAndDoublesItsPause) {
  Breaker breaker;
  breaker.failed(call, start);
  breaker.failed(call, start);
  auto now = start;
  for (const auto pause : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10000ms, 10000ms}) {
    EXPECT_EQ(breaker.pause(), pause);
    EXPECT_EQ(breaker.admit(now + pause - 1ms), refused);
    now += pause;
    EXPECT_EQ(breaker.admit(now), probe);
    EXPECT_EQ(breaker.admit(now), refused) << "one at a time";
    breaker.failed(probe, now);
  }
  EXPECT_EQ(breaker.admit(now + 10s), probe);
  breaker.succeeded();
  EXPECT_EQ(breaker.admit(now), call);
  EXPECT_EQ(breaker.admit(now), call);
}

TEST(BreakerTest, LetsAnotherProbeWhereOneGaveUp) {
  Breaker breaker;
  breaker.failed(call, start);
  breaker.failed(call, start);
  EXPECT_EQ(breaker.admit(start + 100ms), probe);
  breaker.undecided(probe);
  EXPECT_EQ(breaker.admit(start + 100ms), probe);
  EXPECT_EQ(breaker.pause(), 100ms);
}

TEST(BreakerTest, LearnsNothingFromCallsOfBefore) {
  Breaker breaker;
  for (int i = 0; i < 12; ++i) breaker.failed(call, start);
  EXPECT_EQ(breaker.pause(), 100ms);
  EXPECT_EQ(breaker.admit(start + 100ms), probe);
  breaker.failed(call, start + 100ms);
  breaker.undecided(call);
  EXPECT_EQ(breaker.admit(start + 100ms), refused) << "the probe is still out";
}

}  // namespace
}  // namespace fovea::valkey
