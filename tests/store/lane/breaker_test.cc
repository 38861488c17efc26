#include "store/lane/breaker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "store/manual_clock.h"

namespace fovea {
namespace {

class BreakerTest : public testing::Test {
 protected:
  // Fails as often as it takes to open.
  void break_it() {
    ASSERT_FALSE(breaker.failed());
    ASSERT_TRUE(breaker.failed());
  }

  test::ManualClock clock;
  Breaker breaker{{.failures_max = 2, .wait_min_ms = 100, .wait_max_ms = 350}, clock};
};

TEST_F(BreakerTest, StaysClosedWhileCallsSucceed) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(breaker.allows());
    EXPECT_FALSE(breaker.succeeded()) << "it was closed before";
  }
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_EQ(breaker.times_opened(), 0u);
}

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  EXPECT_FALSE(breaker.failed());
  EXPECT_FALSE(breaker.succeeded());
  EXPECT_FALSE(breaker.failed()) << "not in a row";
  EXPECT_TRUE(breaker.allows());
  EXPECT_TRUE(breaker.failed());
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_EQ(breaker.times_opened(), 1u);
  EXPECT_FALSE(breaker.allows());
}

TEST_F(BreakerTest, OneFailureIsEnoughWhereOneIsTheMost) {
  Breaker strict({.failures_max = 1, .wait_min_ms = 100, .wait_max_ms = 350}, clock);
  EXPECT_TRUE(strict.failed());
  EXPECT_FALSE(strict.allows());
}

TEST_F(BreakerTest, AllowsOneTryAtATimeAfterAWhile) {
  break_it();
  clock.pass(99);
  EXPECT_FALSE(breaker.allows());
  EXPECT_EQ(breaker.state(), BreakerState::open);
  clock.pass(1);
  EXPECT_EQ(breaker.state(), BreakerState::half_open);
  EXPECT_TRUE(breaker.allows());
  EXPECT_EQ(breaker.state(), BreakerState::half_open);
  clock.pass(10'000);
  EXPECT_FALSE(breaker.allows()) << "the first try is not over";
}

TEST_F(BreakerTest, TheFirstSuccessClosesIt) {
  break_it();
  clock.pass(100);
  ASSERT_TRUE(breaker.allows());
  EXPECT_TRUE(breaker.succeeded()) << "it closed by this";
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_FALSE(breaker.succeeded());
  EXPECT_TRUE(breaker.allows());
  EXPECT_TRUE(breaker.allows()) << "as many as like to";
}

TEST_F(BreakerTest, TheWaitDoublesWithEachOpeningThatFollowsUpToItsBound) {
  break_it();
  std::uint64_t opened = 1;
  for (const double wait_ms : {100, 200, 350, 350}) {
    clock.pass(wait_ms - 1);
    EXPECT_FALSE(breaker.allows()) << wait_ms;
    clock.pass(1);
    ASSERT_TRUE(breaker.allows()) << wait_ms;
    EXPECT_FALSE(breaker.failed()) << "it was not closed in between";
    EXPECT_EQ(breaker.times_opened(), ++opened);
  }
}

TEST_F(BreakerTest, ASuccessMakesTheNextWaitShortAgain) {
  break_it();
  clock.pass(100);
  ASSERT_TRUE(breaker.allows());
  breaker.failed();
  clock.pass(200);
  ASSERT_TRUE(breaker.allows());
  ASSERT_TRUE(breaker.succeeded());
  break_it();
  clock.pass(100);
  EXPECT_TRUE(breaker.allows());
}

// They were allowed before it opened, and say nothing new.
TEST_F(BreakerTest, LateFailuresNeitherTellNorProlongTheWait) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(breaker.allows());
  break_it();
  clock.pass(60);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(breaker.failed());
  EXPECT_EQ(breaker.times_opened(), 1u);
  clock.pass(40);
  EXPECT_FALSE(breaker.failed()) << "no try has begun yet";
  EXPECT_TRUE(breaker.allows());
}

TEST_F(BreakerTest, ALateSuccessClosesIt) {
  ASSERT_TRUE(breaker.allows());
  break_it();
  EXPECT_TRUE(breaker.succeeded());
  EXPECT_TRUE(breaker.allows());
}

TEST_F(BreakerTest, ATryThatWasGivenUpLeavesItToTheNext) {
  break_it();
  clock.pass(100);
  ASSERT_TRUE(breaker.allows());
  breaker.gave_up();
  EXPECT_EQ(breaker.state(), BreakerState::half_open);
  ASSERT_TRUE(breaker.allows());
  EXPECT_FALSE(breaker.allows());
  EXPECT_TRUE(breaker.succeeded());
}

TEST_F(BreakerTest, ACallThatWasGivenUpIsNeitherAFailureNorASuccess) {
  EXPECT_FALSE(breaker.failed());
  breaker.gave_up();
  EXPECT_EQ(breaker.state(), BreakerState::closed);
  EXPECT_TRUE(breaker.failed()) << "the second in a row";
}

TEST_F(BreakerTest, OfManyThatAskAtOnceOneTries) {
  break_it();
  clock.pass(100);
  constexpr int threads = 8;
  std::latch ready(threads);
  std::atomic<int> allowed = 0;
  {
    std::vector<std::jthread> asking;
    for (int i = 0; i < threads; ++i) {
      asking.emplace_back([&] {
        ready.arrive_and_wait();
        allowed += breaker.allows() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(allowed, 1);
}

TEST(Breaker, StatesHaveNames) {
  EXPECT_EQ(to_string(BreakerState::closed), "closed");
  EXPECT_EQ(to_string(BreakerState::open), "open");
  EXPECT_EQ(to_string(BreakerState::half_open), "half_open");
}

}  // namespace
}  // namespace fovea
