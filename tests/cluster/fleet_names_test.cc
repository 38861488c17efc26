#include "cluster/fleet_names.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(FleetNames, EachNameIsFoundAgain) {
  for (const Routing routing : {Routing::hash, Routing::bounded_hash, Routing::round_robin})
    EXPECT_EQ(routing_of(to_string(routing)).value(), routing);
  for (const Fetching fetching : {Fetching::measured, Fetching::always, Fetching::never})
    EXPECT_EQ(fetching_of(to_string(fetching)).value(), fetching);
  for (const Weights weights : {Weights::equal, Weights::speed})
    EXPECT_EQ(weights_of(to_string(weights)).value(), weights);
  for (const NamedBy named_by : {NamedBy::picture, NamedBy::session})
    EXPECT_EQ(named_by_of(to_string(named_by)).value(), named_by);
  for (const FleetEventKind kind : {FleetEventKind::node_dies, FleetEventKind::link_cut, FleetEventKind::shard_lost,
                                    FleetEventKind::rack_restarts, FleetEventKind::viral, FleetEventKind::noisy_tenant})
    EXPECT_EQ(event_kind_of(to_string(kind)).value(), kind);
}

TEST(FleetNames, OthersAreRefusedWithThoseThatThereAre) {
  const auto routing = routing_of("Hash");
  ASSERT_FALSE(routing);
  EXPECT_EQ(routing.error().fault, Fault::invalid);
  EXPECT_EQ(routing.error().message, "\"Hash\" is none of hash, bounded_hash, round_robin");
}

TEST(FleetNames, NodesAreNumberedInTheirClass) {
  Fleet fleet;
  fleet.classes = {NodeClass{.name = "edge", .count = 2}, NodeClass{.name = "l4", .count = 1}};
  EXPECT_EQ(node_name(fleet, 0), "edge-1");
  EXPECT_EQ(node_name(fleet, 1), "edge-2");
  EXPECT_EQ(node_name(fleet, 2), "l4-1");
  EXPECT_EQ(node_name(fleet, 3), "");
}

}  // namespace
}  // namespace fovea
