#include "cluster/fleet_ways.h"

#include <gtest/gtest.h>

#include <set>

#include "cluster/report/example_study.h"

namespace fovea {
namespace {

TEST(FleetWays, NothingComparedIsTheFleetItself) {
  const Fleet fleet = test::example_fleet();
  const auto ways = ways_of(fleet, Compared::nothing);
  ASSERT_TRUE(ways);
  ASSERT_EQ(ways->size(), 1u);
  EXPECT_EQ((*ways)[0].name, "hash, fetching measured");
  EXPECT_TRUE((*ways)[0].fleet.shared);
}

TEST(FleetWays, SharingGoesFromNothingToTheFleet) {
  Fleet fleet = test::example_fleet();
  fleet.routing = Routing::bounded_hash;
  const auto ways = ways_of(fleet, Compared::sharing);
  ASSERT_TRUE(ways);
  ASSERT_EQ(ways->size(), 4u);
  EXPECT_EQ((*ways)[0].fleet.routing, Routing::round_robin);
  EXPECT_FALSE((*ways)[0].fleet.shared);
  EXPECT_EQ((*ways)[1].fleet.routing, Routing::round_robin);
  EXPECT_TRUE((*ways)[1].fleet.shared);
  EXPECT_EQ((*ways)[2].fleet.routing, Routing::bounded_hash);
  EXPECT_FALSE((*ways)[2].fleet.shared);
  EXPECT_EQ((*ways)[3].fleet.routing, Routing::bounded_hash);
  EXPECT_TRUE((*ways)[3].fleet.shared);
}

TEST(FleetWays, PlainHashingStandsBesideBoundedLoad) {
  Fleet fleet = test::example_fleet();
  fleet.bound = 2;
  const auto ways = ways_of(fleet, Compared::sharing);
  ASSERT_TRUE(ways);
  ASSERT_EQ(ways->size(), 5u);
  EXPECT_EQ((*ways)[3].fleet.routing, Routing::bounded_hash);
  EXPECT_TRUE((*ways)[3].about.contains("2 times"));
  EXPECT_EQ((*ways)[4].fleet.routing, Routing::hash);
  EXPECT_EQ((*ways)[4].name, "hashing, shared tier");
}

TEST(FleetWays, PlacementEndsWithMeasuredCost) {
  const auto ways = ways_of(test::example_fleet(), Compared::placement);
  ASSERT_TRUE(ways);
  ASSERT_EQ(ways->size(), 4u);
  EXPECT_EQ((*ways)[0].fleet.fetching, Fetching::always);
  EXPECT_EQ((*ways)[1].fleet.fetching, Fetching::never);
  EXPECT_FALSE((*ways)[2].fleet.shared);
  EXPECT_EQ((*ways)[3].fleet.fetching, Fetching::measured);
  std::set<std::string> names;
  for (const FleetWay& way : *ways) {
    EXPECT_TRUE(names.insert(way.name).second);
    EXPECT_EQ(way.fleet.load.workload.requests, 1200u);
  }
}

TEST(FleetWays, PrefetchIsOffAndOn) {
  for (const bool in_file : {false, true}) {
    Fleet fleet = test::example_fleet();
    fleet.prefetch = in_file;
    const auto ways = ways_of(fleet, Compared::prefetch);
    ASSERT_TRUE(ways);
    ASSERT_EQ(ways->size(), 2u);
    EXPECT_FALSE((*ways)[0].fleet.prefetch);
    EXPECT_TRUE((*ways)[1].fleet.prefetch);
  }
}

TEST(FleetWays, WhatCannotBeComparedIsSaid) {
  Fleet alone = test::example_fleet();
  alone.shared.reset();
  for (const Compared compared : {Compared::sharing, Compared::placement, Compared::prefetch}) {
    const auto ways = ways_of(alone, compared);
    ASSERT_FALSE(ways);
    EXPECT_TRUE(ways.error().message.contains("\"shared\"")) << ways.error().message;
  }
  Fleet in_turn = test::example_fleet();
  in_turn.routing = Routing::round_robin;
  EXPECT_FALSE(ways_of(in_turn, Compared::sharing));
  Fleet eager = test::example_fleet();
  eager.fetching = Fetching::always;
  EXPECT_FALSE(ways_of(eager, Compared::placement));
}

TEST(FleetWays, ComparisonsHaveNames) {
  EXPECT_EQ(compared_of("sharing").value(), Compared::sharing);
  EXPECT_EQ(compared_of("placement").value(), Compared::placement);
  EXPECT_EQ(compared_of("prefetch").value(), Compared::prefetch);
  ASSERT_FALSE(compared_of("all"));
  EXPECT_TRUE(compared_of("all").error().message.contains("sharing, placement, prefetch"));
}

}  // namespace
}  // namespace fovea
