#include "cluster/fleet_requests.h"

#include <gtest/gtest.h>

#include <set>

#include "cluster/made_fleet.h"

namespace fovea {
namespace {

TEST(FleetRequests, AreTheWorkloads) {
  Fleet fleet = test::made_fleet(1, 100, 10, 5);
  FleetRequests requests(fleet);
  EXPECT_EQ(requests.count(), 100U);
  const auto asked = generate_questions(fleet.load.workload, fleet.load.seed);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    ASSERT_TRUE(requests.are_left());
    const FleetRequest request = requests.next(0);
    EXPECT_EQ(request.number, i);
    EXPECT_EQ(request.picture, asked[i].picture);
    EXPECT_EQ(request.question, asked[i].question);
    EXPECT_EQ(request.tenant, 0U);
  }
  EXPECT_FALSE(requests.are_left());
}

TEST(FleetRequests, AViralPictureGetsItsShareForAWhile) {
  Fleet fleet = test::made_fleet(1, 3000, 10, 5);
  fleet.events.push_back(
      {.kind = FleetEventKind::viral, .at_s = 10, .until_s = 20, .nodes = {}, .shards = {}, .share = 0.4});
  FleetRequests requests(fleet);
  int before = 0, during = 0, after = 0;
  const auto is_viral = [&](double now_s) { return requests.next(now_s).picture >> 32 == 1 ? 1 : 0; };
  for (int i = 0; i < 1000; ++i) before += is_viral(9.9);
  for (int i = 0; i < 1000; ++i) during += is_viral(10);
  for (int i = 0; i < 1000; ++i) after += is_viral(20);
  EXPECT_EQ(before, 0);
  EXPECT_NEAR(during, 400, 60);
  EXPECT_EQ(after, 0);
}

TEST(FleetRequests, ANoisyTenantHasPicturesOfItsOwn) {
  Fleet fleet = test::made_fleet(1, 10, 10, 5);
  FleetEvent noisy{.kind = FleetEventKind::noisy_tenant, .nodes = {}, .shards = {}, .rate_per_s = 10, .images = 3};
  fleet.events.push_back(noisy);
  noisy.images = 0;
  fleet.events.push_back(noisy);
  const FleetRequests requests(fleet);
  std::set<std::uint64_t> in_turn, fresh;
  for (std::uint64_t number = 0; number < 9; ++number) {
    in_turn.insert(requests.noisy(0, number).picture);
    fresh.insert(requests.noisy(1, number).picture);
    EXPECT_LT(requests.noisy(0, number).question, 5U);
  }
  EXPECT_EQ(in_turn.size(), 3U);
  EXPECT_EQ(fresh.size(), 9U);
  EXPECT_EQ(requests.noisy(1, 0).tenant, 2U);
  EXPECT_FALSE(in_turn.contains(*fresh.begin()));
}

}  // namespace
}  // namespace fovea
