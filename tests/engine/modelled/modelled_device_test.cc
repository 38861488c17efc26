#include "engine/modelled/modelled_device.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "engine/modelled/some_times.h"

namespace fovea {
namespace {

// Times are only compared with the least that they must be: a busy machine takes longer.
TEST(ModelledDevice, WorkTakesAtLeastItsTime) {
  ModelledDevice device(test::some_times(), 1);
  const Stopwatch watch;
  EXPECT_EQ(device.work({.request = 1}, 15).value(), 15);
  EXPECT_GE(watch.elapsed_ms(), 15 - 0.01);
}

TEST(ModelledDevice, WorkOfSeveralIsDoneInTurns) {
  ModelledDevice device(test::some_times(), 1);
  const Stopwatch watch;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t request = 0; request < 4; ++request)
      threads.emplace_back([&, request] { EXPECT_EQ(device.work({.request = request}, 5).value(), 5); });
  }
  EXPECT_GE(watch.elapsed_ms(), 20 - 0.01);
}

TEST(ModelledDevice, TellsEachTokenAndEndsWhenItIsTold) {
  ModelledDevice device(test::some_times(), 1);
  int told = 0;
  const Stopwatch watch;
  EXPECT_NEAR(device.decode({.request = 1}, 4, [&] { return ++told > 0; }).value(), 8, 1e-3);
  EXPECT_GE(watch.elapsed_ms(), 8 - 0.01);
  EXPECT_EQ(told, 4);
  told = 0;
  const double spent_ms = device.decode({.request = 1}, 1'000'000, [&] { return ++told < 3; }).value();
  EXPECT_EQ(told, 3);
  EXPECT_GE(spent_ms, 6 - 1e-3) << "three tokens, and what passed until it was told";
  EXPECT_EQ(device.decode({.request = 1}, 0, [] { return true; }).value(), 0);
}

TEST(ModelledDevice, AStopEndsEveryWait) {
  ModelledDevice device(test::some_times(), 1);
  constexpr double for_ever = 1e8;
  ASSERT_TRUE(device.acquire_slot({.request = 9}, 1));
  std::stop_source source;
  const auto caller = [&](std::uint64_t request) { return Caller{.request = request, .stop = source.get_token()}; };
  std::atomic<int> cancelled = 0;
  const auto expect_cancelled = [&](const auto& result) {
    cancelled += !result && result.error().fault == Fault::cancelled ? 1 : 0;
  };
  {
    std::atomic<bool> answers = false;
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      expect_cancelled(device.decode(caller(3), 1 << 30, [&] {
        answers = true;
        answers.notify_all();
        return true;
      }));
    });
    answers.wait(false);  // one of them waits certainly
    threads.emplace_back([&] { expect_cancelled(device.work(caller(1), for_ever)); });
    threads.emplace_back([&] { expect_cancelled(device.work(caller(2), for_ever)); });
    threads.emplace_back([&] { expect_cancelled(device.acquire_slot(caller(4), 1)); });
    source.request_stop();
  }
  EXPECT_EQ(cancelled, 4);
  EXPECT_EQ(device.work({.request = 5}, 1).value(), 1) << "and the device is free again";
  device.release_slot({.request = 9}, 1, 0);
}

TEST(ModelledDevice, SlotsAreAsManyAsItHas) {
  ModelledDevice device(test::some_times(), 2);
  ASSERT_TRUE(device.acquire_slot({.request = 1}, 100));
  ASSERT_TRUE(device.acquire_slot({.request = 2}, 50));
  EXPECT_EQ(device.slot_use().slots, 2U);
  EXPECT_EQ(device.slot_use().tokens, 75U);
  std::stop_source stopped;
  stopped.request_stop();
  const auto none = device.acquire_slot({.request = 4, .stop = stopped.get_token()}, 10);
  ASSERT_FALSE(none) << "it would be given at once, if there was one";
  EXPECT_EQ(none.error().fault, Fault::cancelled);
  std::atomic<bool> given = false;
  std::jthread third([&] { given = device.acquire_slot({.request = 3}, 10).has_value(); });
  device.release_slot({.request = 1}, 100, 5);
  third.join();
  EXPECT_TRUE(given);
  EXPECT_EQ(device.slot_use().slots, 2U);
  EXPECT_EQ(device.slot_use().tokens, 30U);
  device.release_slot({.request = 2}, 50, 5);
  device.release_slot({.request = 3}, 10, 5);
  EXPECT_EQ(device.slot_use().slots, 0U);
}

}  // namespace
}  // namespace fovea
