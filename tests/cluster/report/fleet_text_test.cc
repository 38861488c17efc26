#include "cluster/report/fleet_text.h"

#include <gtest/gtest.h>

#include <set>

#include "cluster/report/example_study.h"

namespace fovea {
namespace {

TEST(FleetText, AFleetInOneLine) {
  Fleet fleet = test::example_fleet();
  EXPECT_EQ(fleet_line(fleet),
            "2 nodes (2 example), 1 shard; hash, fetching measured; 1,200 requests of asked by 4 clients");
  fleet.shared.reset();
  fleet.load.clients = 0;
  fleet.load.rate_per_s = 12.5;
  fleet.classes.push_back({.name = "other", .device = "t4", .times = {}, .count = 1});
  fleet.routing = Routing::round_robin;
  EXPECT_EQ(fleet_line(fleet), "3 nodes (2 example, 1 t4); round_robin; 1,200 requests of asked, 12.5 a second");
}

TEST(FleetText, EveryWayHasItsOwnWords) {
  std::set<std::string_view> texts;
  for (std::size_t way = 0; way < ways; ++way) texts.insert(found_text(static_cast<Way>(way)));
  EXPECT_EQ(texts.size(), ways);
  EXPECT_FALSE(texts.contains(""));
}

TEST(FleetText, EventsSayWhoAndHowMuch) {
  const Fleet fleet = test::example_fleet();
  const auto text = [&](FleetEvent event) { return event_text(fleet, event); };
  EXPECT_EQ(text({.kind = FleetEventKind::node_dies, .nodes = {1}}), "node box-2 dies");
  EXPECT_EQ(text({.kind = FleetEventKind::rack_restarts, .nodes = {0, 1}}), "2 nodes (box-1 to box-2) restart");
  EXPECT_EQ(text({.kind = FleetEventKind::link_cut, .nodes = {0}}), "the link of node box-1 is cut");
  EXPECT_EQ(text({.kind = FleetEventKind::link_cut, .shards = {0}}), "the link of shard 1 is cut");
  EXPECT_EQ(text({.kind = FleetEventKind::shard_lost, .shards = {1}}), "shard 2 is lost");
  EXPECT_EQ(text({.kind = FleetEventKind::viral, .share = 0.5}), "50.0 % of all requests are about one picture");
  EXPECT_EQ(text({.kind = FleetEventKind::noisy_tenant, .rate_per_s = 8}),
            "a tenant sends 8.00 requests a second more");
}

TEST(FleetText, BytesForPeople) {
  EXPECT_EQ(bytes_text(1536), "1.50 KiB");
  EXPECT_EQ(bytes_text(-1), "0 B");
}

}  // namespace
}  // namespace fovea
