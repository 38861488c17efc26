// SimGrid's clock goes on from world to world in one process: each test is one world, and times count from
// its start. Everything that is planned happens, since what is left would happen in the next one.
#include "cluster/network/simgrid_world.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace fovea {
namespace {

constexpr double payload = 0.955;  // of a link's rate

TEST(SimGridWorld, ThingsHappenInTheirOrder) {
  SimGridWorld world({});
  std::vector<double> happened;
  world.after(5, [&] { happened.push_back(world.now_ms()); });
  world.after(2, [&] {
    happened.push_back(world.now_ms());
    world.after(0, [&] { happened.push_back(world.now_ms()); });
  });
  world.after(9, [&] { world.stop(); });
  world.run();
  ASSERT_EQ(happened.size(), 3U);
  EXPECT_NEAR(happened[0], 2, 1e-9);
  EXPECT_NEAR(happened[1], 2, 1e-9);
  EXPECT_NEAR(happened[2], 5, 1e-9);
  EXPECT_EQ(world.events(), 4U);
}

TEST(SimGridWorld, AFlowTakesTheLatencyAndTheBytesOfTheSlowerLink) {
  const std::vector<FleetLink> links = {{.bytes_per_ms = 1000, .latency_ms = 5},
                                        {.bytes_per_ms = 500, .latency_ms = 2}};
  SimGridWorld world(links);
  std::vector<double> there_ms;
  world.after(0, [&] { world.begin(0, 1, 100'000, [&] { there_ms.push_back(world.now_ms()); }); });
  world.after(500, [&] {
    world.begin(core, 0, 100'000, [&] {
      there_ms.push_back(world.now_ms());
      world.stop();
    });
  });
  world.run();
  ASSERT_EQ(there_ms.size(), 2U);
  EXPECT_NEAR(there_ms[0], 7 + 200 / payload, 0.01);
  EXPECT_NEAR(there_ms[1], 500 + 5 + 100 / payload, 0.01);
  EXPECT_EQ(world.messages(), 2U);
}

TEST(SimGridWorld, FlowsShareALinkInOneDirection) {
  const std::vector<FleetLink> links = {{.bytes_per_ms = 1000, .latency_ms = 1}};
  SimGridWorld world(links);
  std::vector<double> there_ms;
  const auto arrived = [&] {
    there_ms.push_back(world.now_ms());
    if (there_ms.size() == 3) world.stop();
  };
  world.after(0, [&] {
    world.begin(core, 0, 100'000, arrived);
    world.begin(core, 0, 100'000, arrived);
    world.begin(0, core, 100'000, arrived);  // has its direction to itself
  });
  world.run();
  ASSERT_EQ(there_ms.size(), 3U);
  EXPECT_NEAR(there_ms[0], 1 + 100 / payload, 0.01);
  EXPECT_NEAR(there_ms[1], 1 + 200 / payload, 0.01);
  EXPECT_NEAR(there_ms[2], 1 + 200 / payload, 0.01);
}

TEST(SimGridWorld, WhatIsGivenUpDoesNotArriveAndLeavesRoom) {
  const std::vector<FleetLink> links = {{.bytes_per_ms = 1000, .latency_ms = 1}};
  SimGridWorld world(links);
  bool came = false;
  double left = 0, there_ms = 0;
  world.after(0, [&] {
    const Flows::Id id = world.begin(core, 0, 95'500, [&] { came = true; });
    world.begin(core, 0, 95'500, [&] { there_ms = world.now_ms(); });
    world.after(101, [&, id] { left = world.cancel(id); });  // half of the rate for 100 ms
  });
  world.after(1000, [&] { world.stop(); });
  world.run();
  EXPECT_FALSE(came);
  EXPECT_NEAR(left, 95'500 - 47'750, 10);
  EXPECT_NEAR(there_ms, 101 + 50, 0.1);
}

// What happens at the very moment at which a flow arrives may come first.
TEST(SimGridWorld, WhatHasPassedCannotBeGivenUp) {
  const std::vector<FleetLink> links = {{.bytes_per_ms = 1000, .latency_ms = 1}};
  SimGridWorld world(links);
  double left = -1;
  world.after(0, [&] {
    const auto id = std::make_shared<Flows::Id>();
    *id = world.begin(core, 0, 95'500, [&, id] { left = world.cancel(*id); });
  });
  world.after(1000, [&] { world.stop(); });
  world.run();
  EXPECT_EQ(left, 0);
}

TEST(SimGridWorld, AThousandPlacesAreMadeAtOnce) {
  const std::vector<FleetLink> links(1000);
  SimGridWorld world(links);
  int there = 0;
  world.after(0, [&] {
    for (Place place = 0; place < 1000; ++place) world.begin(core, place, 125'000, [&] { ++there; });
  });
  world.after(100, [&] { world.stop(); });
  world.run();
  EXPECT_EQ(there, 1000);
}

}  // namespace
}  // namespace fovea
