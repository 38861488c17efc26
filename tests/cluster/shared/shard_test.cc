#include "cluster/shared/shard.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(Shard, HasWhatWasStored) {
  Shard shard(3, 100'000);
  EXPECT_EQ(shard.place(), 3U);
  EXPECT_EQ(shard.find(1), nullptr);
  shard.insert({.key = 1, .cost_ms = 50, .bytes = 1000});
  ASSERT_NE(shard.find(1), nullptr);
  EXPECT_EQ(shard.find(1)->cost_ms, 50);
  shard.insert({.key = 1, .cost_ms = 60, .bytes = 2000});  // in place of the other
  EXPECT_EQ(shard.find(1)->size, 2000U);
  EXPECT_EQ(shard.bytes(), 2000U);
}

TEST(Shard, EvictsWhenItIsFull) {
  Shard shard(0, 10'000);
  for (std::uint64_t key = 1; key <= 20; ++key) shard.insert({.key = key * 0x9e3779b97f4a7c15, .bytes = 1000});
  EXPECT_LE(shard.bytes(), 10'000U);
}

TEST(Shard, ALeaseIsOneNodesUntilItEnds) {
  Shard shard(0, 1000);
  EXPECT_TRUE(shard.acquire_lease(7, 1, 0, 100));
  EXPECT_TRUE(shard.acquire_lease(7, 1, 10, 110));  // its own
  EXPECT_FALSE(shard.acquire_lease(7, 2, 20, 120));
  EXPECT_TRUE(shard.acquire_lease(8, 2, 20, 120));  // another key
  shard.release_lease(7, 2);                        // not its own
  EXPECT_FALSE(shard.acquire_lease(7, 2, 30, 130));
  EXPECT_TRUE(shard.acquire_lease(7, 2, 111, 200));  // it is over
  shard.release_lease(7, 2);
  EXPECT_TRUE(shard.acquire_lease(7, 1, 112, 200));
}

TEST(Shard, ComesBackEmpty) {
  Shard shard(0, 10'000);
  shard.insert({.key = 1, .bytes = 1000});
  shard.acquire_lease(7, 1, 0, 1e9);
  shard.lose();
  EXPECT_FALSE(shard.is_up());
  EXPECT_EQ(shard.bytes(), 0U);
  shard.come_back();
  EXPECT_TRUE(shard.is_up());
  EXPECT_EQ(shard.find(1), nullptr);
  EXPECT_TRUE(shard.acquire_lease(7, 2, 1, 2));
}

}  // namespace
}  // namespace fovea
