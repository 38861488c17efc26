// Whole fleets on ManualWorld, whose flows have their links to themselves: every time can be computed.
#include "cluster/fleet_run.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "cluster/made_fleet.h"
#include "cluster/manual_world.h"
#include "cluster/outcome_json.h"

namespace fovea {
namespace {

using test::made_fleet;
using test::made_shared;

FleetOutcome run(const Fleet& fleet) {
  test::ManualWorld world(links_of(fleet));
  FleetRun running(fleet, world, world);
  bool over = false;
  running.begin([&] { over = true; });
  world.run();
  EXPECT_TRUE(over);
  return running.outcome();
}

void expect_conserved(const FleetOutcome& outcome) {
  EXPECT_EQ(outcome.requests, outcome.answered + outcome.failed);
  EXPECT_EQ(std::accumulate(outcome.failures.begin(), outcome.failures.end(), std::uint64_t{0}), outcome.failed);
  std::uint64_t by_way = 0, by_class = 0, by_second = 0;
  for (const TimesOf& times : outcome.by_way) by_way += times.count;
  for (const ClassOutcome& of : outcome.classes) by_class += of.requests;
  for (const FleetSecond& second : outcome.seconds) by_second += second.requests;
  EXPECT_EQ(by_way, outcome.answered);
  EXPECT_EQ(by_class, outcome.answered);
  EXPECT_EQ(by_second, outcome.requests);
  // What nodes get comes from clients and shards, and what they give goes there.
  LinkBytes nodes, shards;
  for (const LinkBytes& link : outcome.node_links) nodes = {nodes.in + link.in, nodes.out + link.out};
  for (const LinkBytes& link : outcome.shard_links) shards = {shards.in + link.in, shards.out + link.out};
  EXPECT_NEAR(nodes.in, outcome.client_bytes_in + shards.out, 1e-6 * nodes.in);
  EXPECT_NEAR(nodes.out, outcome.client_bytes_out + shards.in, 1e-6 * nodes.out);
  EXPECT_NEAR(shards.in + shards.out,
              outcome.shared.fetched_bytes + outcome.shared.written_bytes + outcome.shared.cancelled_bytes, 1);
}

// One picture and one question: the first request encodes, the others find the answer in a node's memory, or
// on the shared tier where the node has not answered it.
TEST(FleetRun, TwoNodesByHand) {
  Fleet fleet = made_fleet(2, 4, 1);
  fleet.routing = Routing::round_robin;
  const FleetOutcome outcome = run(fleet);
  const double way_ms = 1 + 1 + 1 + 0.1;  // a request of 1,000 bytes there, 100 back
  const double first_ms = way_ms + 20 + 3 + 5 + 2 + 1000 + 40 + 50;
  EXPECT_EQ(outcome.encodes, 2U);  // nothing is shared
  EXPECT_EQ(outcome.repeated_encodes, 1U);
  EXPECT_NEAR(outcome.times.mean_ms, (2 * first_ms + 2 * (way_ms + 1)) / 4, 1e-6);
  EXPECT_NEAR(outcome.virtual_seconds, (2 * first_ms + 2 * (way_ms + 1)) / 1000, 1e-9);
  EXPECT_EQ(outcome.response.memory.lookups, 4U);
  EXPECT_EQ(outcome.response.memory.hits, 2U);
  EXPECT_EQ(outcome.embedding.memory.lookups, 2U);
  EXPECT_EQ(outcome.client_bytes_in, 4000);
  EXPECT_EQ(outcome.client_bytes_out, 400);
  EXPECT_NEAR(outcome.classes[0].encoder_busy, 2 * 1002 / (2 * outcome.virtual_seconds * 1000), 1e-9);
  expect_conserved(outcome);
}

TEST(FleetRun, ASharedTierEncodesOnce) {
  Fleet fleet = made_fleet(2, 4, 1);
  fleet.routing = Routing::round_robin;
  fleet.shared = made_shared();
  const FleetOutcome outcome = run(fleet);
  EXPECT_EQ(outcome.encodes, 1U);
  // The second node asks for the answer while the first one still stores it.
  EXPECT_EQ(outcome.response.shared.hits, 0U);
  EXPECT_EQ(outcome.embedding.shared.hits, 1U);
  EXPECT_EQ(outcome.shared.fetched, 3U);             // with its tiling, and what its bytes are
  EXPECT_GT(outcome.shared.written_bytes, 100'000);  // the embedding, its tiling and the answer
  expect_conserved(outcome);
}

TEST(FleetRun, HashingSendsAPictureToOneNode) {
  Fleet fleet = made_fleet(4, 200, 40, 15);
  fleet.load.clients = 4;
  const FleetOutcome hashed = run(fleet);
  EXPECT_EQ(hashed.repeated_encodes, 0U);
  fleet.routing = Routing::round_robin;
  const FleetOutcome in_turn = run(fleet);
  EXPECT_GT(in_turn.repeated_encodes, 0U);
  EXPECT_GT(hashed.from_memory, in_turn.from_memory);
  expect_conserved(hashed);
  expect_conserved(in_turn);
}

TEST(FleetRun, AnOpenLoadComesWhateverBecomesOfIt) {
  Fleet fleet = made_fleet(2, 300, 5, 15);
  fleet.load.clients = 0;
  fleet.load.rate_per_s = 100;
  const FleetOutcome outcome = run(fleet);
  EXPECT_EQ(outcome.requests, 300U);
  EXPECT_GT(outcome.virtual_seconds, 2);
  expect_conserved(outcome);
}

TEST(FleetRun, TheSameFleetHasTheSameOutcome) {
  Fleet fleet = made_fleet(5, 500, 60, 15);
  fleet.shared = made_shared(2);
  fleet.routing = Routing::bounded_hash;
  fleet.classes[0].times = test::made_model_with_states();
  fleet.classes[0].memory_bytes = 3 << 20;
  fleet.load.clients = 12;
  fleet.events.push_back({.kind = FleetEventKind::node_dies, .at_s = 5, .until_s = 9, .nodes = {2}, .shards = {}});
  const FleetOutcome outcome = run(fleet);
  EXPECT_EQ(to_json(outcome), to_json(run(fleet)));
  expect_conserved(outcome);
  fleet.load.seed = 2;
  EXPECT_NE(to_json(outcome), to_json(run(fleet)));
}

TEST(FleetRun, ANodeThatDiesFailsNoRequestThatAnotherCanAnswer) {
  Fleet fleet = made_fleet(4, 600, 60, 15);
  fleet.shared = made_shared();
  fleet.load.clients = 8;
  fleet.events.push_back({.kind = FleetEventKind::node_dies, .at_s = 6, .until_s = 20, .nodes = {1}, .shards = {}});
  const FleetOutcome outcome = run(fleet);
  EXPECT_EQ(outcome.requests, 600U);
  EXPECT_EQ(outcome.failed, 0U);
  EXPECT_GT(outcome.resent, 0U);
  expect_conserved(outcome);
}

TEST(FleetRun, AFleetWithoutNodesFailsEverythingUntilOneComesBack) {
  Fleet fleet = made_fleet(1, 20, 3, 15);
  fleet.events.push_back({.kind = FleetEventKind::node_dies, .at_s = 0, .until_s = 5, .nodes = {0}, .shards = {}});
  const FleetOutcome outcome = run(fleet);
  EXPECT_EQ(outcome.requests, 20U);
  EXPECT_GT(outcome.failures[static_cast<std::size_t>(FleetFailure::no_node)], 0U);
  EXPECT_GT(outcome.answered, 0U);
  expect_conserved(outcome);
}

TEST(FleetRun, AColdRackComesBackWithItsDisks) {
  Fleet fleet = made_fleet(2, 400, 10, 15);
  fleet.classes[0].disk_bytes = 1 << 30;
  fleet.classes[0].disk = {.kind = "disk", .wait_ms = 1, .bytes_per_ms = 400'000, .write_bytes_per_ms = 300'000};
  fleet.events.push_back(
      {.kind = FleetEventKind::rack_restarts, .at_s = 15, .until_s = 16, .nodes = {0, 1}, .shards = {}});
  const FleetOutcome outcome = run(fleet);
  EXPECT_GT(outcome.embedding.disk.hits + outcome.response.disk.hits, 0U);
  EXPECT_EQ(outcome.repeated_encodes, 0U);
  expect_conserved(outcome);
}

TEST(FleetRun, ALostShardIsAMissAndOpensBreakers) {
  Fleet fleet = made_fleet(3, 600, 40, 15);
  fleet.shared = made_shared();
  fleet.routing = Routing::round_robin;
  fleet.load.clients = 6;
  fleet.events.push_back({.kind = FleetEventKind::shard_lost, .at_s = 5, .until_s = 10, .nodes = {}, .shards = {0}});
  const FleetOutcome outcome = run(fleet);
  EXPECT_EQ(outcome.failed, 0U);
  EXPECT_GT(outcome.breakers_opened, 0U);
  expect_conserved(outcome);
}

TEST(FleetRun, ACutLinkOfTheSharedTierHoldsUpNoAnswerForLong) {
  Fleet fleet = made_fleet(3, 400, 40, 15);
  fleet.shared = made_shared();
  fleet.routing = Routing::round_robin;
  fleet.load.clients = 3;
  const FleetOutcome whole = run(fleet);
  fleet.events.push_back({.kind = FleetEventKind::link_cut, .at_s = 3, .until_s = 30, .nodes = {}, .shards = {0}});
  const FleetOutcome cut = run(fleet);
  EXPECT_EQ(cut.failed, 0U);
  EXPECT_GT(cut.encodes, whole.encodes);
  EXPECT_GT(cut.breakers_opened, 0U);
  expect_conserved(cut);
}

TEST(FleetRun, ANodeBehindACutLinkIsLeftOut) {
  Fleet fleet = made_fleet(3, 600, 40, 15);
  fleet.load.clients = 0;
  fleet.load.rate_per_s = 20;  // clients that wait for answers would all wait for the busiest node
  fleet.classes[0].requests_max = 1000;
  fleet.events.push_back({.kind = FleetEventKind::link_cut, .at_s = 3, .until_s = 60, .nodes = {0}, .shards = {}});
  const FleetOutcome outcome = run(fleet);
  EXPECT_EQ(outcome.requests, 600U);
  EXPECT_EQ(outcome.failed, 0U);  // what it had is answered when the link is back
  EXPECT_GT(outcome.resent, 0U);
  expect_conserved(outcome);
}

TEST(FleetRun, AViralPictureIsEncodedOnceWhereItIsShared) {
  Fleet fleet = made_fleet(4, 400, 40, 15);
  fleet.shared = made_shared();
  fleet.routing = Routing::round_robin;
  fleet.load.clients = 8;
  fleet.events.push_back(
      {.kind = FleetEventKind::viral, .at_s = 0, .until_s = 1000, .nodes = {}, .shards = {}, .share = 0.5});
  const FleetOutcome outcome = run(fleet);
  EXPECT_EQ(outcome.repeated_encodes, 0U);
  expect_conserved(outcome);
}

TEST(FleetRun, ANoisyTenantIsCountedApart) {
  Fleet fleet = made_fleet(2, 200, 10, 15);
  const FleetOutcome alone = run(fleet);
  fleet.events.push_back({.kind = FleetEventKind::noisy_tenant,
                          .at_s = 0,
                          .until_s = 1000,
                          .nodes = {},
                          .shards = {},
                          .rate_per_s = 1,
                          .images = 0});
  const FleetOutcome outcome = run(fleet);
  EXPECT_EQ(outcome.times.count, 200U);
  EXPECT_GT(outcome.noisy_times.count, 5U);
  EXPECT_EQ(outcome.requests, 200U);
  EXPECT_GT(outcome.times.mean_ms, alone.times.mean_ms);
  expect_conserved(outcome);
}

// Ten requests a second for one node that computes one: many are refused, and no queue grows.
TEST(FleetRun, ANodeRefusesWhatItHasNoRoomFor) {
  Fleet fleet = made_fleet(1, 200, 200);
  fleet.load.clients = 0;
  fleet.load.rate_per_s = 10;
  fleet.classes[0].requests_max = 4;
  const FleetOutcome bounded = run(fleet);
  EXPECT_GT(bounded.failures[static_cast<std::size_t>(FleetFailure::busy)], 50U);
  EXPECT_GT(bounded.answered, 15U);
  EXPECT_LT(bounded.times.p99_ms, 6000);
  expect_conserved(bounded);
  fleet.classes[0].requests_max = 1000;
  const FleetOutcome queued = run(fleet);
  EXPECT_EQ(queued.failed, 0U);
  EXPECT_GT(queued.times.p99_ms, 20'000);
}

// A link on which an embedding takes longer than it saves: who measures computes, who always fetches waits.
TEST(FleetRun, PlacementByMeasurementIsNoSlowerThanAlwaysFetching) {
  Fleet fleet = made_fleet(3, 300, 30, 15);
  fleet.routing = Routing::round_robin;
  fleet.shared = made_shared();
  fleet.classes[0].link.bytes_per_ms = 50;  // two seconds for an embedding, which is encoded in one
  fleet.load.request_bytes = 100;
  const FleetOutcome measured = run(fleet);
  fleet.fetching = Fetching::always;
  const FleetOutcome always = run(fleet);
  fleet.fetching = Fetching::never;
  const FleetOutcome never = run(fleet);
  EXPECT_LT(measured.times.mean_ms, always.times.mean_ms);
  EXPECT_LT(measured.shared.fetched_bytes, always.shared.fetched_bytes);
  EXPECT_EQ(never.shared.fetched_bytes + never.shared.written_bytes, 0);
  expect_conserved(measured);
  expect_conserved(always);
  expect_conserved(never);
}

}  // namespace
}  // namespace fovea
