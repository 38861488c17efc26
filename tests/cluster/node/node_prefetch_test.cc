#include "cluster/node/node_prefetch.h"

#include <gtest/gtest.h>

#include <vector>

#include "cluster/made_fleet.h"
#include "cluster/manual_world.h"
#include "cluster/node/scripted_tier.h"

namespace fovea {
namespace {

// A session that goes through six pictures in their order, again and again, on a node whose memory holds four
// of them, in front of a tier that has all.
class NodePrefetchTest : public testing::Test {
 protected:
  NodePrefetchTest() {
    for (std::uint64_t picture = 0; picture < pictures; ++picture) {
      for (const StoredEntry& entry : {costs.embedding(picture), costs.tiling(picture)}) tier.held[entry.key] = entry;
    }
    tier.takes_ms = 50;
  }
  Task<void> ask_it(std::uint64_t picture, std::uint32_t session) {
    ++computing;
    RequestLookups lookups{.made = {}, .computed = true, .began_ms = world.now_ms()};
    co_await store.find(costs.tiling(picture));
    const StoredEntry embedding = costs.embedding(picture);
    const auto found = co_await store.find(embedding);
    lookups.made.push_back({embedding, found});
    from_memory += found == TierKind::memory ? 1 : 0;
    --computing;
    prefetch.asked({.number = 1, .picture = picture, .session = session}, lookups);
  }
  void ask_in_order(int requests, std::uint32_t session) {
    for (int i = 0; i < requests; ++i) {
      spawn(ask_it(static_cast<std::uint64_t>(i) % pictures, session));
      world.run(world.now_ms() + 1000);
    }
  }

  static NodeClass small_node() {
    NodeClass of = test::made_fleet(1, 1, 1).classes.front();
    of.memory_bytes = 450'000;
    of.policy = PolicyKind::lru;
    return of;
  }

  static constexpr std::uint64_t pictures = 6;
  test::ManualWorld world;
  test::ScriptedTier tier{world};
  const NodeClass of = small_node();
  const NodeCosts costs = node_costs(of);
  std::vector<SimulatedTier*> tiers = {&tier};
  int computing = 0, from_memory = 0;
  NodeStore store{world, of, Fetching::measured, tiers};
  NodePrefetch prefetch{world, store, costs, false, [this] { return computing == 0; }};
};

TEST_F(NodePrefetchTest, MovesWhatASessionGoesOnTo) {
  ask_in_order(90, 1);
  const PrefetchCounts counts = prefetch.counts();
  EXPECT_GT(counts.issued, 20U);
  EXPECT_GT(counts.precision(), 0.9);
  EXPECT_EQ(static_cast<std::uint64_t>(from_memory), counts.used);
}

TEST_F(NodePrefetchTest, WithoutASessionItMovesNothing) {
  ask_in_order(90, 0);
  EXPECT_EQ(prefetch.counts().issued, 0U);
  EXPECT_EQ(from_memory, 0);
}

TEST_F(NodePrefetchTest, ABusyNodeMovesNothingUntilItIsIdle) {
  ++computing;
  ask_in_order(90, 1);
  EXPECT_EQ(prefetch.counts().issued, 0U);
  --computing;
  ask_in_order(90, 1);
  EXPECT_GT(prefetch.counts().issued, 0U);
}

TEST_F(NodePrefetchTest, ADeadNodeMovesNothing) {
  ask_in_order(30, 1);
  prefetch.stop();
  const std::uint64_t issued = prefetch.counts().issued;
  ask_in_order(60, 1);
  EXPECT_EQ(prefetch.counts().issued, issued);
}

}  // namespace
}  // namespace fovea
