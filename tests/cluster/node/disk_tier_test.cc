#include "cluster/node/disk_tier.h"

#include <gtest/gtest.h>

#include "cluster/manual_world.h"

namespace fovea {
namespace {

using What = TierAnswer::What;

class DiskTierTest : public testing::Test {
 protected:
  Task<void> find_it(StoredEntry entry, double limit_ms, TierAnswer& answer) {
    answer = co_await disk.find(entry, limit_ms);
  }
  TierAnswer find(std::uint64_t key, double limit_ms = 1000) {
    TierAnswer answer;
    spawn(find_it({.key = key}, limit_ms, answer));
    world.run();
    return answer;
  }
  Task<void> insert_it(StoredEntry entry) { EXPECT_TRUE(co_await disk.insert(entry)); }
  void insert(std::uint64_t key, std::uint64_t bytes, double cost_ms) {
    spawn(insert_it({.key = key, .cost_ms = cost_ms, .bytes = bytes}));
    world.run();
  }

  test::ManualWorld world;
  DiskTier disk{world, {.kind = "disk", .wait_ms = 2, .bytes_per_ms = 1000, .write_bytes_per_ms = 500}, 100'000};
};

TEST_F(DiskTierTest, FindsWhatWasWritten) {
  EXPECT_EQ(disk.kind(), TierKind::disk);
  EXPECT_EQ(find(1).what, What::missing);
  EXPECT_EQ(world.now_ms(), 0);  // its index is in memory
  insert(1, 10'000, 70);
  EXPECT_DOUBLE_EQ(world.now_ms(), 20);
  const TierAnswer found = find(1);
  EXPECT_EQ(found.what, What::found);
  EXPECT_EQ(found.bytes, 10'000U);
  EXPECT_EQ(found.cost_ms, 70);
  EXPECT_DOUBLE_EQ(world.now_ms(), 20 + 2 + 10);
}

TEST_F(DiskTierTest, WhatTakesTooLongIsAFault) {
  insert(1, 10'000, 70);
  const double before_ms = world.now_ms();
  EXPECT_EQ(find(1, 5).what, What::fault);
  EXPECT_DOUBLE_EQ(world.now_ms(), before_ms + 5);
}

TEST_F(DiskTierTest, KeepsFourFifthsOfItsBytesAlive) {
  for (std::uint64_t key = 1; key <= 8; ++key) insert(key, 10'000, 70);
  EXPECT_EQ(disk.entries(), 8U);
  insert(9, 10'000, 700);
  EXPECT_EQ(disk.entries(), 8U);
  EXPECT_EQ(find(9).what, What::found);
}

}  // namespace
}  // namespace fovea
