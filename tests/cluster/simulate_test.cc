#include "cluster/simulate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "cluster/made_fleet.h"
#include "cluster/outcome_json.h"

namespace fovea {
namespace {

FleetOutcome outcome_of(const Fleet& fleet, const Progress& progress = {}) {
  auto outcome = simulate(fleet, progress);
  if (!outcome) {
    ADD_FAILURE() << outcome.error().message;
    return {};
  }
  return *outcome;
}

TEST(Simulate, RunsAFleetOnSimGrid) {
  Fleet fleet = test::made_fleet(2, 100, 10, 15);
  fleet.load.request_bytes = 100'000;
  const FleetOutcome outcome = outcome_of(fleet);
  EXPECT_EQ(outcome.requests, 100U);
  EXPECT_EQ(outcome.answered, 100U);
  EXPECT_GE(outcome.messages, 100U);
  EXPECT_GT(outcome.events, 100U);
  EXPECT_GT(outcome.wall_seconds, 0);
  // A repeat: the request with 95.5 % of the link's rate, its node's millisecond, and a short answer.
  EXPECT_NEAR(outcome.by_way[0].p50_ms, 1 + 100 / 0.955 + 1 + 1 + 0.1, 0.01);
}

TEST(Simulate, TheSameFleetHasTheSameOutcomeInEachProcess) {
  Fleet fleet = test::made_fleet(6, 600, 60, 15);
  fleet.shared = test::made_shared(2);
  fleet.routing = Routing::round_robin;
  fleet.classes[0].times = test::made_model_with_states();
  fleet.load.clients = 12;
  fleet.load.request_bytes = 50'000;
  fleet.events.push_back({.kind = FleetEventKind::node_dies, .at_s = 4, .until_s = 8, .nodes = {1}, .shards = {}});
  FleetOutcome first = outcome_of(fleet), second = outcome_of(fleet);
  first.wall_seconds = second.wall_seconds = 0;
  EXPECT_EQ(to_json(first), to_json(second));
  EXPECT_EQ(first.requests, 600U);
  EXPECT_GT(first.shared.fetched, 0U);
}

TEST(Simulate, TellsItsProgress) {
  std::vector<double> told;
  outcome_of(test::made_fleet(1, 400, 5, 15), [&](double fraction) { told.push_back(fraction); });
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back(), 1);
}

TEST(Simulate, AThousandNodesAndFewRequests) {
  Fleet fleet = test::made_fleet(1000, 2000, 500, 15);
  fleet.shared = test::made_shared(10);
  fleet.routing = Routing::round_robin;
  fleet.load.clients = 500;
  const FleetOutcome outcome = outcome_of(fleet);
  EXPECT_EQ(outcome.answered, 2000U);
  EXPECT_EQ(outcome.node_links.size(), 1000U);
  EXPECT_EQ(outcome.shard_links.size(), 10U);
}

}  // namespace
}  // namespace fovea
