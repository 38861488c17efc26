#include "cluster/node/node_store.h"

#include <gtest/gtest.h>

#include <vector>

#include "cluster/made_fleet.h"
#include "cluster/manual_world.h"
#include "cluster/node/scripted_tier.h"

namespace fovea {
namespace {

class NodeStoreTest : public testing::Test {
 protected:
  static StoredEntry entry(std::uint64_t key, RecordKind kind = RecordKind::embedding) {
    return {.kind = kind, .key = key, .cost_ms = 1000, .bytes = 10'000, .charged = 10'100};
  }
  static Task<void> find_it(NodeStore& store, StoredEntry wanted, std::optional<TierKind>& found) {
    found = co_await store.find(wanted);
  }
  std::optional<TierKind> find(NodeStore& store, const StoredEntry& wanted) {
    std::optional<TierKind> found;
    spawn(find_it(store, wanted, found));
    world.run();
    return found;
  }
  static Task<void> lease_it(NodeStore& store, StoredEntry wanted, NodeStore::LeaseAnswer& answer) {
    answer = co_await store.acquire_lease(wanted);
  }

  test::ManualWorld world;
  test::ScriptedTier disk{world, TierKind::disk}, shared{world};
  std::vector<SimulatedTier*> tiers = {&disk, &shared};
  NodeClass of = test::made_fleet(1, 1, 1).classes.front();
};

TEST_F(NodeStoreTest, WhatIsInsertedGoesToMemoryAndAllTiers) {
  NodeStore store(world, of, Fetching::measured, tiers);
  EXPECT_FALSE(find(store, entry(1)));
  store.insert(entry(1));
  EXPECT_TRUE(store.contains(entry(1)));
  EXPECT_EQ(store.memory_bytes(), 10'100U);
  world.run();
  EXPECT_TRUE(disk.held.contains(1));
  EXPECT_TRUE(shared.held.contains(1));
  EXPECT_EQ(find(store, entry(1)), TierKind::memory);
}

TEST_F(NodeStoreTest, WhatATierHasComesToMemoryAndToTheNearerTiers) {
  NodeStore store(world, of, Fetching::measured, tiers);
  shared.held[1] = entry(1);
  EXPECT_EQ(find(store, entry(1)), TierKind::shared);
  EXPECT_TRUE(store.contains(entry(1)));
  EXPECT_TRUE(disk.held.contains(1));
  LevelOutcomes counts;
  store.add_counts(RecordKind::embedding, counts);
  EXPECT_EQ(counts.memory.lookups, 1U);
  EXPECT_EQ(counts.memory.hits, 0U);
  EXPECT_EQ(counts.disk.lookups, 1U);
  EXPECT_EQ(counts.shared.hits, 1U);
}

TEST_F(NodeStoreTest, WhoNeverFetchesAsksNobody) {
  NodeStore store(world, of, Fetching::never, tiers);
  EXPECT_FALSE(store.has_tiers());
  shared.held[1] = entry(1);
  EXPECT_FALSE(find(store, entry(1)));
  store.insert(entry(2));
  world.run();
  EXPECT_TRUE(disk.held.empty());
}

TEST_F(NodeStoreTest, MemoryHasItsBudget) {
  of.memory_bytes = 25'000;
  std::vector<std::uint64_t> evicted;
  of.policy = PolicyKind::lru;
  NodeStore store(world, of, Fetching::never, {}, [&](std::uint64_t key) { evicted.push_back(key); });
  for (std::uint64_t key = 1; key <= 3; ++key) store.insert(entry(key));
  store.insert(entry(9, RecordKind::tiling));  // has a budget of its own
  EXPECT_EQ(evicted, std::vector<std::uint64_t>{1});
  EXPECT_TRUE(store.contains(entry(9, RecordKind::tiling)));
}

// Two entries fit. Frequency decides: what was used five times stays.
TEST_F(NodeStoreTest, PoliciesAreToldOfEachUse) {
  of.memory_bytes = 25'000;
  for (const std::uint32_t uses : {0U, 5U}) {
    NodeStore store(world, of, Fetching::never, {});
    store.insert(entry(1));
    store.insert(entry(2));
    EXPECT_EQ(find(store, entry(2)), TierKind::memory);
    store.used(entry(1), uses);
    store.used(entry(7), uses);  // is not there
    store.insert(entry(3));
    store.insert(entry(3));
    EXPECT_EQ(store.contains(entry(1)), uses > 0) << uses;
  }
}

TEST_F(NodeStoreTest, AnAliasHasABudgetOfItsOwn) {
  of.memory_bytes = 25'000;
  NodeStore store(world, of, Fetching::never, {});
  for (std::uint64_t key = 1; key <= 10; ++key) store.insert(entry(key, RecordKind::source_alias));
  EXPECT_EQ(store.memory_bytes(), 0U);
  for (std::uint64_t key = 1; key <= 10; ++key) EXPECT_TRUE(store.contains(entry(key, RecordKind::source_alias)));
}

TEST_F(NodeStoreTest, ALeaseThatAnotherNodeHasIsWaitedFor) {
  NodeStore store(world, of, Fetching::measured, tiers);
  shared.elsewhere[1] = true;
  NodeStore::LeaseAnswer answer;
  spawn(lease_it(store, entry(1), answer));
  world.run();
  EXPECT_TRUE(answer.wait_ms);
  shared.held[1] = entry(1);
  spawn(lease_it(store, entry(1), answer));
  world.run();
  EXPECT_EQ(answer.found, TierKind::shared);
  EXPECT_TRUE(store.contains(entry(1)));
}

}  // namespace
}  // namespace fovea
