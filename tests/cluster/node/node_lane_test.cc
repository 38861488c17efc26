#include "cluster/node/node_lane.h"

#include <gtest/gtest.h>

#include "cluster/manual_world.h"
#include "cluster/node/scripted_tier.h"

namespace fovea {
namespace {

class NodeLaneTest : public testing::Test {
 protected:
  static StoredEntry entry(std::uint64_t key, double cost_ms = 1000, std::uint64_t bytes = 10'000) {
    return {.kind = RecordKind::embedding, .key = key, .cost_ms = cost_ms, .bytes = bytes};
  }
  static Task<void> find_it(NodeLane& lane, StoredEntry wanted, std::optional<NodeLane::Hit>& hit) {
    hit = co_await lane.find(wanted);
  }
  std::optional<NodeLane::Hit> find(NodeLane& lane, std::uint64_t key) {
    std::optional<NodeLane::Hit> hit;
    spawn(find_it(lane, entry(key), hit));
    world.run();
    return hit;
  }
  static Task<void> lease_it(NodeLane& lane, StoredEntry wanted, NodeLane::LeaseAnswer& answer) {
    answer = co_await lane.acquire_lease(wanted);
  }
  NodeLane::LeaseAnswer lease(NodeLane& lane, std::uint64_t key) {
    NodeLane::LeaseAnswer answer;
    spawn(lease_it(lane, entry(key), answer));
    world.run();
    return answer;
  }

  test::ManualWorld world;
  test::ScriptedTier tier{world};
};

TEST_F(NodeLaneTest, FindsWhatItWasOffered) {
  NodeLane lane(world, tier, {.transfer = {0.5, 100'000}});
  EXPECT_FALSE(find(lane, 1));
  lane.offer(entry(1, 700));
  world.run();
  const auto hit = find(lane, 1);
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->cost_ms, 700);
  EXPECT_EQ(lane.counts(RecordKind::embedding).lookups, 2U);
  EXPECT_EQ(lane.counts(RecordKind::embedding).hits, 1U);
  EXPECT_EQ(tier.released, std::vector<std::uint64_t>{1});
}

TEST_F(NodeLaneTest, WritesOneAfterAnotherBehindTheAnswer) {
  NodeLane lane(world, tier, {.transfer = {0.5, 100'000}});
  tier.write_ms = 10;
  for (std::uint64_t key = 1; key <= 3; ++key) lane.offer(entry(key));
  EXPECT_EQ(lane.queued(), 3U);
  world.run();
  EXPECT_DOUBLE_EQ(world.now_ms(), 30);
  EXPECT_EQ(tier.held.size(), 3U);
}

TEST_F(NodeLaneTest, DropsWhatDoesNotFitTheQueue) {
  NodeLane lane(world, tier, {.transfer = {0.5, 100'000}, .queue_bytes_max = 25'000});
  for (std::uint64_t key = 1; key <= 3; ++key) lane.offer(entry(key));
  world.run();
  EXPECT_EQ(lane.dropped(), 1U);
  EXPECT_EQ(tier.held.size(), 2U);
}

TEST_F(NodeLaneTest, DoesNotWriteOrAskWhereComputingIsFaster) {
  NodeLane lane(world, tier, {.transfer = {50, 100'000}});
  lane.offer(entry(1, 1));
  world.run();
  EXPECT_TRUE(tier.held.empty());
  EXPECT_FALSE(find(lane, 1));
  EXPECT_EQ(lane.counts(RecordKind::embedding).skipped, 1U);
  EXPECT_TRUE(tier.limits_ms.empty());
}

TEST_F(NodeLaneTest, AlwaysAsksAndWritesWhereThatIsTheRule) {
  NodeLane lane(world, tier, {.fetching = Fetching::always, .transfer = {50, 100'000}});
  lane.offer(entry(1, 1));
  world.run();
  EXPECT_TRUE(find(lane, 1));
  EXPECT_EQ(tier.limits_ms, std::vector<double>{10'000});
}

TEST_F(NodeLaneTest, ATierThatFailsIsLeftAlone) {
  NodeLane lane(world, tier, {.transfer = {0.5, 100'000}});
  tier.fails = true;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(find(lane, 1));
  EXPECT_EQ(lane.counts(RecordKind::embedding).failed, 2U);
  EXPECT_EQ(lane.counts(RecordKind::embedding).skipped, 3U);
  EXPECT_EQ(lane.times_opened(), 1U);
  tier.fails = false;
  tier.held[1] = entry(1);
  world.run(world.now_ms() + 200);  // BreakerOptions::wait_min_ms
  EXPECT_TRUE(find(lane, 1));
}

TEST_F(NodeLaneTest, LeasesWhatTakesLongToCompute) {
  NodeLane lane(world, tier, {.transfer = {0.5, 100'000}});
  const auto mine = lease(lane, 1);
  EXPECT_FALSE(mine.hit);
  EXPECT_FALSE(mine.wait_ms);
  EXPECT_EQ(tier.lease_ms, 10'000);  // nothing is known of the kind
  tier.elsewhere[2] = true;
  EXPECT_EQ(lease(lane, 2).wait_ms, 10'000);
  tier.held[2] = entry(2);
  EXPECT_TRUE(lease(lane, 2).hit);  // it has come meanwhile
  EXPECT_TRUE(tier.released.empty());
}

TEST_F(NodeLaneTest, ADiskHasNoLeases) {
  test::ScriptedTier disk(world, TierKind::disk);
  NodeLane lane(world, disk, {.transfer = {0.5, 100'000}});
  const auto answer = lease(lane, 1);
  EXPECT_FALSE(answer.wait_ms);
  EXPECT_EQ(disk.lease_ms, 0);
}

TEST_F(NodeLaneTest, WhoseNodeDiedAsksAndWritesNothing) {
  NodeLane lane(world, tier, {.transfer = {0.5, 100'000}});
  lane.offer(entry(1));
  lane.offer(entry(2));
  lane.stop();
  world.run();
  EXPECT_EQ(tier.held.size(), 1U);  // that was on its way
  lane.offer(entry(3));
  EXPECT_FALSE(find(lane, 1));
  EXPECT_TRUE(tier.limits_ms.empty());
}

}  // namespace
}  // namespace fovea
