#include "cluster/network/network.h"

#include <gtest/gtest.h>

#include <vector>

#include "cluster/coroutine/task.h"
#include "cluster/manual_world.h"

namespace fovea {
namespace {

using test::ManualWorld;

struct Heard {
  Sent how;
  double bytes, at_ms;
};

class NetworkTest : public testing::Test {
 protected:
  void send(Place from, Place to, double bytes, double limit_ms = Network::no_limit) {
    spawn(send_it(from, to, bytes, limit_ms));
  }
  Task<void> send_it(Place from, Place to, double bytes, double limit_ms) {
    const auto delivery = co_await network.send(from, to, bytes, limit_ms);
    heard.push_back({delivery.how, delivery.bytes, world.now_ms()});
  }

  std::vector<FleetLink> links = {{.bytes_per_ms = 100, .latency_ms = 2}, {.bytes_per_ms = 1000, .latency_ms = 3}};
  ManualWorld world{links};
  Network network{world, world, links};
  std::vector<Heard> heard;
};

TEST_F(NetworkTest, SendsThroughTheSlowerLink) {
  send(0, 1, 10'000);
  send(core, 1, 10'000);
  world.run();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_DOUBLE_EQ(heard[0].at_ms, 3 + 10);
  EXPECT_DOUBLE_EQ(heard[1].at_ms, 2 + 3 + 100);
  EXPECT_EQ(network.passed(0).out, 10'000);
  EXPECT_EQ(network.passed(0).in, 0);
  EXPECT_EQ(network.passed(1).in, 20'000);
}

TEST_F(NetworkTest, AShortMessageIsNoFlow) {
  send(core, 0, 400);
  world.run();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_DOUBLE_EQ(heard[0].at_ms, 2 + 4);
  EXPECT_EQ(world.begun(), 0U);
  EXPECT_EQ(network.passed(0).in, 400);
}

TEST_F(NetworkTest, WhatIsNotThereInTimeIsGivenUp) {
  send(core, 0, 10'000, 52);
  world.run();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].how, Sent::late);
  EXPECT_DOUBLE_EQ(heard[0].at_ms, 52);
  EXPECT_DOUBLE_EQ(heard[0].bytes, 5000);
  EXPECT_DOUBLE_EQ(network.passed(0).in, 5000);
}

TEST_F(NetworkTest, ACutLinkHoldsUpWhatIsOnItsWay) {
  send(core, 0, 10'000);
  world.run(52);  // half of it
  network.cut(0);
  EXPECT_TRUE(network.is_cut(0));
  send(core, 0, 100);  // waits
  world.run(1000);
  EXPECT_TRUE(heard.empty());
  network.restore(0);
  world.run();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_DOUBLE_EQ(heard[0].at_ms, 1000 + 2 + 1);
  EXPECT_DOUBLE_EQ(heard[1].at_ms, 1000 + 2 + 50);
  EXPECT_DOUBLE_EQ(network.passed(0).in, 10'100);
}

TEST_F(NetworkTest, ALimitHoldsAtACutLinkToo) {
  network.cut(1);
  send(0, 1, 10'000, 40);
  world.run();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].how, Sent::late);
  EXPECT_EQ(heard[0].bytes, 0);
  EXPECT_DOUBLE_EQ(heard[0].at_ms, 40);
}

TEST_F(NetworkTest, ADeadMachineBreaksWhatIsOnItsWay) {
  send(core, 0, 10'000);
  send(0, 1, 10'000);
  send(core, 1, 10'000);
  world.run(5);
  network.break_off(0);
  world.run();
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard[0].how, Sent::broken);
  EXPECT_EQ(heard[1].how, Sent::broken);
  EXPECT_DOUBLE_EQ(heard[1].at_ms, 5);
  EXPECT_EQ(heard[2].how, Sent::arrived);
  EXPECT_DOUBLE_EQ(network.passed(0).in, 300);
  EXPECT_DOUBLE_EQ(network.latency_ms(0, 1), 5);
  EXPECT_DOUBLE_EQ(network.latency_ms(core, 1), 3);
}

}  // namespace
}  // namespace fovea
