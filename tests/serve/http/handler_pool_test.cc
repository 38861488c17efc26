#include "serve/http/handler_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace fovea::serve {
namespace {

TEST(HandlerPool, RunsAsManyTasksAsItHasThreads) {
  HandlerPool pool(3);
  std::latch all_run(3), done(3);
  for (int i = 0; i < 3; ++i) {
    pool.run([&] {
      all_run.arrive_and_wait();
      done.count_down();
    });
  }
  done.wait();
}

TEST(HandlerPool, TakesMoreThanItHasThreads) {
  HandlerPool pool(1);
  std::atomic<int> run = 0;
  std::latch done(20);
  for (int i = 0; i < 20; ++i) {
    pool.run([&] {
      ++run;
      done.count_down();
    });
  }
  done.wait();
  EXPECT_EQ(run, 20);
}

TEST(HandlerPool, RunsEveryTaskOnceWhoeverGivesIt) {
  constexpr int clients = 4, tasks = 500;
  std::vector<std::atomic<int>> run(clients * tasks);
  std::latch done(clients * tasks);
  HandlerPool pool(3);
  {
    std::vector<std::jthread> threads;
    for (int client = 0; client < clients; ++client) {
      threads.emplace_back([&, client] {
        for (int i = 0; i < tasks; ++i) {
          pool.run([&, number = client * tasks + i] {
            ++run[static_cast<std::size_t>(number)];
            done.count_down();
          });
        }
      });
    }
  }
  done.wait();
  EXPECT_TRUE(std::ranges::all_of(run, [](const auto& times) { return times == 1; }));
}

TEST(HandlerPool, DropsWhatWaitsWhenItEnds) {
  auto kept = std::make_shared<int>();
  const std::weak_ptr<int> waiting = kept;
  std::latch runs(1);
  HandlerPool pool(1);
  pool.run([&] {
    runs.count_down();
    while (!waiting.expired()) std::this_thread::yield();  // until the tasks behind this one are dropped
  });
  runs.wait();
  pool.run([held = std::move(kept)] { FAIL() << "dropped, not run"; });
}

}  // namespace
}  // namespace fovea::serve
