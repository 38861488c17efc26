#include "cluster/node/simulated_device.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "cluster/coroutine/task.h"
#include "cluster/made_fleet.h"
#include "cluster/manual_world.h"
#include "cluster/node/node_costs.h"

namespace fovea {
namespace {

class SimulatedDeviceTest : public testing::Test {
 protected:
  using Work = SimulatedDevice::Work;

  Task<void> work(std::uint64_t request, double ms, Work kind) {
    co_await device.work({0, request}, ms, kind);
    ended_ms.push_back(world.now_ms());
  }
  Task<void> decode(std::uint32_t tokens) {
    co_await device.decode(tokens);
    ended_ms.push_back(world.now_ms());
  }
  Task<void> hold(std::uint64_t request, double ms) {
    co_await device.acquire_slot({0, request});
    co_await world.wait(ms);
    device.release_slot({0, request}, ms);
    ended_ms.push_back(world.now_ms());
  }

  test::ManualWorld world;
  SimulatedDevice device{world, node_costs(test::made_fleet(1, 1, 1).classes.front()).device, 2};
  std::vector<double> ended_ms;
};

TEST_F(SimulatedDeviceTest, DoesOnePieceOfWorkAfterAnother) {
  spawn(work(1, 10, Work::encoding));
  spawn(work(2, 5, Work::decoding));
  world.run();
  ASSERT_EQ(ended_ms.size(), 2U);
  EXPECT_NEAR(ended_ms[0], 10, 1e-6);
  EXPECT_NEAR(ended_ms[1], 15, 1e-6);
  EXPECT_NEAR(device.encoding_ms(), 10, 1e-6);
  EXPECT_NEAR(device.decoding_ms(), 5, 1e-6);
  EXPECT_EQ(device.waiting(), 0U);
}

TEST_F(SimulatedDeviceTest, DecodesAnswersSideBySide) {
  spawn(decode(10));  // 5 ms a token alone, 10 ms beside another
  world.after(20, [&] { spawn(decode(3)); });
  world.run();
  ASSERT_EQ(ended_ms.size(), 2U);
  EXPECT_NEAR(ended_ms[0], 20 + 30, 1e-6);       // three tokens of both
  EXPECT_NEAR(ended_ms[1], 20 + 30 + 15, 1e-6);  // four had gone before, three are left
}

TEST_F(SimulatedDeviceTest, SharesTheDeviceBetweenWorkAndAnswers) {
  spawn(decode(10));                   // 50 ms alone
  spawn(work(2, 20, Work::encoding));  // gets half of the device: 40 ms
  world.run();
  ASSERT_EQ(ended_ms.size(), 2U);
  EXPECT_NEAR(ended_ms[0], 40, 1e-6);
  EXPECT_NEAR(ended_ms[1], 70, 1e-6);
}

TEST_F(SimulatedDeviceTest, HasSoManySlots) {
  for (std::uint64_t request = 1; request <= 3; ++request) spawn(hold(request, 10));
  world.run();
  EXPECT_EQ(ended_ms, (std::vector<double>{10, 10, 20}));
}

}  // namespace
}  // namespace fovea
