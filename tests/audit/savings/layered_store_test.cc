#include "audit/savings/layered_store.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

const TierTime disk{.kind = "disk", .wait_ms = 1, .bytes_per_ms = 100, .write_bytes_per_ms = 100};
const TierTime network{.kind = "shared", .wait_ms = 10, .bytes_per_ms = 100, .write_bytes_per_ms = 100};
constexpr ItemFacts value{.size = 100, .cost_ms = 50};

TEST(LayeredStore, ADiskHasWhatMemoryEvicted) {
  LayeredStore store({.memory_bytes = 150, .disk_bytes = 1000, .policy = PolicyKind::lru, .disk = disk}, 10);
  EXPECT_FALSE(store.find(0, 1, value));
  store.insert(0, 1, value);
  EXPECT_EQ(store.find(0, 1, value), 0);
  store.insert(0, 2, value);
  EXPECT_FALSE(store.contains(0, 1));
  EXPECT_EQ(store.find(0, 1, value), 2);  // 1 ms, and 100 bytes
  EXPECT_EQ(store.find(0, 1, value), 0);  // it is in memory again
  EXPECT_EQ(store.tier_hits(), 1U);
  EXPECT_EQ(store.evictions(), 2U);
}

TEST(LayeredStore, WhatIsCheaperToComputeIsNotFetched) {
  constexpr ItemFacts cheap{.size = 100, .cost_ms = 1.5};
  LayeredStore store({.memory_bytes = 150, .disk_bytes = 1000, .policy = PolicyKind::lru, .disk = disk}, 10);
  store.insert(0, 1, cheap);
  store.insert(0, 2, cheap);
  EXPECT_FALSE(store.find(0, 1, cheap));
  EXPECT_FALSE(store.find(0, 1, value));  // nor was it written
}

TEST(LayeredStore, WhatIsDearToUseIsNotFetchedEither) {
  LayeredStore store({.memory_bytes = 150, .disk_bytes = 1000, .policy = PolicyKind::lru, .disk = disk}, 10);
  store.insert(0, 1, value);
  store.insert(0, 2, value);
  EXPECT_FALSE(store.find(0, 1, value, 49));  // 2 ms to fetch, and 50 to compute
  EXPECT_EQ(store.find(0, 1, value, 47), 2);
}

TEST(LayeredStore, NodesShareTheSharedTierAlone) {
  LayeredStore alone({.nodes = 2}, 10);
  alone.insert(0, 1, value);
  EXPECT_FALSE(alone.find(1, 1, value));
  LayeredStore shared({.nodes = 2, .shared = true, .network = network}, 10);
  shared.insert(0, 1, value);
  EXPECT_EQ(shared.find(1, 1, value), 11);
  EXPECT_EQ(shared.find(1, 1, value), 0);
}

TEST(LayeredStore, TheNearerTierIsAskedFirstAndKeepsWhatCameFromTheFarther) {
  LayeredStore store({.nodes = 2,
                      .memory_bytes = 150,
                      .disk_bytes = 1000,
                      .shared = true,
                      .policy = PolicyKind::lru,
                      .disk = disk,
                      .network = network},
                     10);
  store.insert(0, 1, value);
  EXPECT_EQ(store.find(1, 1, value), 11);  // from the other node
  store.insert(1, 2, value);               // memory has no room for both
  EXPECT_EQ(store.find(1, 1, value), 2);
}

TEST(LayeredStore, OnlyMemoryWithoutABoundTellsWhatWasStored) {
  LayeredStore store({}, 10);
  store.insert(0, 1, value);
  ASSERT_NE(store.everything(), nullptr);
  EXPECT_EQ(store.everything()->bytes()[0], 100U);
  EXPECT_EQ(LayeredStore({.memory_bytes = 100}, 10).everything(), nullptr);
}

}  // namespace
}  // namespace fovea
