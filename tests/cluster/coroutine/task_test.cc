#include "cluster/coroutine/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "cluster/coroutine/gate.h"
#include "cluster/manual_world.h"

namespace fovea {
namespace {

using test::ManualWorld;

Task<int> later(ManualWorld& world, double ms, int value) {
  co_await world.wait(ms);
  co_return value;
}

Task<void> add_two(ManualWorld& world, std::vector<std::string>& said) {
  const int sum = co_await later(world, 5, 1) + co_await later(world, 5, 2);
  said.push_back(std::to_string(sum) + " at " + std::to_string(static_cast<int>(world.now_ms())));
}

TEST(Task, GoesOnWhenWhatItAwaitsIsOver) {
  ManualWorld world;
  std::vector<std::string> said;
  spawn(add_two(world, said));
  EXPECT_TRUE(said.empty());
  world.run();
  EXPECT_EQ(said, std::vector<std::string>{"3 at 10"});
}

TEST(Task, ATaskThatNobodyAwaitsNeverBegins) {
  ManualWorld world;
  std::vector<std::string> said;
  {
    const Task<void> task = add_two(world, said);
  }
  world.run();
  EXPECT_TRUE(said.empty());
}

Task<void> pass(Gate& gate, ManualWorld& world, std::vector<double>& passed_ms) {
  co_await gate.passed();
  passed_ms.push_back(world.now_ms());
}

TEST(Gate, LetsEverybodyPassOnceItIsOpen) {
  ManualWorld world;
  Gate gate(world);
  std::vector<double> passed_ms;
  spawn(pass(gate, world, passed_ms));
  spawn(pass(gate, world, passed_ms));
  world.after(7, [&] { gate.open(); });
  world.after(9, [&] { spawn(pass(gate, world, passed_ms)); });
  world.run();
  EXPECT_TRUE(gate.is_open());
  EXPECT_EQ(passed_ms, (std::vector<double>{7, 7, 9}));
}

}  // namespace
}  // namespace fovea
