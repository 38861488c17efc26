// SingleFlight: one computation for callers of one key, its failures, and the moment of publishing.
#include "fovea/single_flight.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <thread>
#include <vector>

namespace fovea {
namespace {

const Key key = KeyBuilder("flight").field(1).finish();

const auto nowhere = [](const Blob&) {};  // these values are not published

Result<Blob> text(std::string_view words) { return Blob::copy_of(words); }

// A caller that computes until the test sets its result.
struct Leader {
  std::latch computing{1};
  std::promise<Result<Blob>> result;

  Result<SingleFlight::Shared> compute(SingleFlight& flights) {
    return flights.run(
        key,
        [&] {
          computing.count_down();
          return result.get_future().get();
        },
        nowhere);
  }
};

TEST(SingleFlight, FollowersGetTheLeadersValue) {
  SingleFlight flights;
  Leader leader;
  auto led = std::async(std::launch::async, [&] { return leader.compute(flights); });
  leader.computing.wait();
  std::vector<std::future<Result<SingleFlight::Shared>>> followers;
  std::atomic<int> computed = 0;
  for (int i = 0; i < 8; ++i) {
    followers.push_back(std::async(std::launch::async, [&] {
      return flights.run(
          key,
          [&] {
            ++computed;
            return text("another");
          },
          nowhere);
    }));
  }
  leader.result.set_value(text("the value"));
  EXPECT_FALSE(led.get()->joined);
  int joined = 0;
  for (auto& follower : followers) joined += follower.get()->joined ? 1 : 0;
  // A follower that came after the leader finished computes, or joins another such follower.
  EXPECT_EQ(joined == 8, computed == 0);
}

TEST(SingleFlight, AFailureIsTheLeadersAloneAndAFollowerGoesOn) {
  SingleFlight flights;
  Leader leader;
  auto led = std::async(std::launch::async, [&] { return leader.compute(flights); });
  leader.computing.wait();
  std::atomic<int> computed = 0;
  std::vector<std::future<Result<SingleFlight::Shared>>> followers;
  for (int i = 0; i < 4; ++i) {
    followers.push_back(std::async(std::launch::async, [&] {
      return flights.run(
          key,
          [&] {
            ++computed;
            return text("second try");
          },
          nowhere);
    }));
  }
  leader.result.set_value(fail(Fault::unavailable, "The model went away."));
  const auto failed = led.get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "The model went away.");
  for (auto& follower : followers) EXPECT_EQ(follower.get()->value.text(), "second try");
  EXPECT_GE(computed, 1);
}

TEST(SingleFlight, AfterAThrowTheNextCallerComputes) {
  SingleFlight flights;
  EXPECT_THROW(
      (void)flights.run(key, []() -> Result<Blob> { throw std::runtime_error("no"); }, nowhere), std::runtime_error);
  EXPECT_EQ(flights.run(key, [] { return text("yes"); }, nowhere)->value.text(), "yes");
}

TEST(SingleFlight, ACallerThatStopsWaitingIsCancelledAndTheFlightContinues) {
  SingleFlight flights;
  Leader leader;
  auto led = std::async(std::launch::async, [&] { return leader.compute(flights); });
  leader.computing.wait();
  std::stop_source stop;
  auto waiting = std::async(std::launch::async,
                            [&] { return flights.run(key, [] { return text("never"); }, nowhere, stop.get_token()); });
  stop.request_stop();
  const auto stopped = waiting.get();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, Fault::cancelled);
  leader.result.set_value(text("the value"));
  EXPECT_EQ(led.get()->value.text(), "the value");
}

TEST(SingleFlight, OtherKeysRunBesideAndInside) {
  SingleFlight flights;
  const auto outer = flights.run(
      key,
      [&]() -> Result<Blob> {
        const auto inner = flights.run(KeyBuilder("flight").field(2).finish(), [] { return text("inner"); }, nowhere);
        return inner->value;
      },
      nowhere);
  EXPECT_EQ(outer->value.text(), "inner");
}

// A value may be replaced or erased while it is published. A caller that comes then must not get it.
TEST(SingleFlight, NoCallerJoinsOnceTheValueIsPublished) {
  SingleFlight flights;
  std::future<Result<SingleFlight::Shared>> late;
  const auto first = flights.run(
      key, [] { return text("first"); },
      [&](const Blob&) {
        late = std::async(std::launch::async, [&] { return flights.run(key, [] { return text("second"); }, nowhere); });
        EXPECT_EQ(late.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
      });
  EXPECT_EQ(first->value.text(), "first");
  EXPECT_EQ(late.get()->value.text(), "second");
}

// Every caller gets a value or its own failure, and computes at most once, whatever fails.
TEST(SingleFlight, RandomFailuresNeverStrandAnyone) {
  SingleFlight flights;
  std::atomic<int> values = 0;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (unsigned i = 0; i < 2000; ++i) {
          int computed = 0;
          const bool fails = (i * 7 + t) % 3 == 0;
          const auto shared = flights.run(
              key,
              [&]() -> Result<Blob> {
                ++computed;
                if (fails) return fail(Fault::internal, "planned");
                return text("v");
              },
              nowhere);
          EXPECT_LE(computed, 1);
          EXPECT_TRUE(shared || (fails && computed == 1));
          ++(shared ? values : failures);
        }
      });
    }
  }
  EXPECT_EQ(values + failures, 8 * 2000);
}

}  // namespace
}  // namespace fovea
