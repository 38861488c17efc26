// The order in which tasks, steps and encodes get the engine's thread.
#include "engine/llama/engine_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

namespace fovea::llama {
namespace {

// A decoder with a number of steps to make.
struct Steps {
  std::atomic<int> left = 0;
  std::atomic<int> made = 0;
  bool operator()() {
    if (left <= 0) return false;
    --left;
    ++made;
    return true;
  }
};

class EngineThreads : public testing::Test {
 protected:
  EngineThreads() {
    thread.decode_with([this] { return steps(); });
  }
  Steps steps;
  EngineThread thread;
};

TEST_F(EngineThreads, TasksRunInOrderAndOnOneThread) {
  std::string order;
  std::thread::id first, second;
  thread.post([&] { order += 'a', first = std::this_thread::get_id(); });
  thread.run([&] { order += 'b', second = std::this_thread::get_id(); });
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST_F(EngineThreads, StepsAreMadeForAsLongAsThereAreAny) {
  std::promise<void> last;
  thread.post([&] { steps.left = 100; });
  while (steps.made < 100) thread.run([] {});
  EXPECT_EQ(steps.made, 100);
}

TEST_F(EngineThreads, AnEncodeYieldsBetweenItsParts) {
  thread.post([&] { steps.left = 1'000'000'000; });
  int made_meanwhile = 0;
  std::vector<int> tasks;
  const auto encoded = thread.encode({}, [&] {
    for (int part = 0; part < 10; ++part) {
      thread.post([&, part] { tasks.push_back(part); });
      const int before = steps.made;
      EXPECT_TRUE(thread.yield());
      made_meanwhile += steps.made > before ? 1 : 0;
    }
  });
  EXPECT_TRUE(encoded);
  EXPECT_EQ(made_meanwhile, 10);
  EXPECT_EQ(tasks.size(), 10u);
  thread.run([&] { steps.left = 0; });
}

TEST_F(EngineThreads, AnEncodeIsCancelledInTheMiddle) {
  std::stop_source stop;
  int parts = 0;
  const auto encoded = thread.encode({.stop = stop.get_token()}, [&] {
    while (thread.yield()) {
      if (++parts == 3) stop.request_stop();
    }
  });
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().fault, Fault::cancelled);
  EXPECT_EQ(parts, 3);
}

TEST_F(EngineThreads, AWaitingEncodeIsCancelledBeforeItsTurn) {
  std::promise<void> running, go_on;
  std::jthread other([&] {
    EXPECT_TRUE(thread.encode({.request = 1}, [&] {
      running.set_value();
      auto going = go_on.get_future();
      while (going.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) thread.yield();
    }));
  });
  running.get_future().wait();
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  bool ran = false;
  const auto encoded = thread.encode({.request = 2, .stop = stop.get_token()}, [&] { ran = true; });
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().fault, Fault::cancelled);
  EXPECT_FALSE(ran);
  go_on.set_value();
}

TEST_F(EngineThreads, TheTenantThatWasServedLeastIsServedNext) {
  std::promise<void> all_wait;
  std::vector<std::uint64_t> order;
  std::vector<std::jthread> callers;
  const auto encode = [&](std::uint64_t tenant, std::uint64_t request, double ms) {
    callers.emplace_back([&, tenant, request, ms] {
      EXPECT_TRUE(thread.encode({tenant, request, {}}, [&, tenant, ms] {
        order.push_back(tenant);
        const Stopwatch working;
        while (working.elapsed_ms() < ms) {
        }
      }));
    });
  };
  std::promise<void> running;
  callers.emplace_back([&] {
    EXPECT_TRUE(thread.encode({1, 0, {}}, [&] {
      running.set_value();
      all_wait.get_future().wait();
      const Stopwatch working;
      while (working.elapsed_ms() < 5) {
      }
    }));
  });
  running.get_future().wait();
  for (std::uint64_t request = 1; request <= 3; ++request) encode(1, request, 1);
  encode(2, 9, 1);
  while (thread.waiting_encodes() < 5) std::this_thread::yield();
  all_wait.set_value();
  callers.clear();
  ASSERT_EQ(order.size(), 4u);
  EXPECT_EQ(order.front(), 2u) << "the other tenant had nothing yet";
}

}  // namespace
}  // namespace fovea::llama
