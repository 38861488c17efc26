#include "cache/sparse_cache.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "cache/policies.h"

namespace fovea {
namespace {

SparseCache cache_of(std::uint64_t bytes_max) { return {make_policy(PolicyKind::lru), bytes_max}; }

TEST(SparseCache, FindsWhatItStored) {
  SparseCache cache = cache_of(100);
  EXPECT_FALSE(cache.find(7));
  EXPECT_EQ(cache.insert(7, {.size = 60}), Admission::stored);
  EXPECT_TRUE(cache.find(7));
  ASSERT_NE(cache.peek(7), nullptr);
  EXPECT_EQ(cache.peek(7)->size, 60U);
  EXPECT_EQ(cache.peek(7)->hits, 1U);
  EXPECT_EQ(cache.peek(8), nullptr);
  EXPECT_EQ(cache.bytes(), 60U);
  EXPECT_EQ(cache.entries(), 1U);
}

TEST(SparseCache, EvictsWhatThePolicyNames) {
  std::vector<std::uint64_t> evicted;
  SparseCache cache(make_policy(PolicyKind::lru), 100, [&](std::uint64_t key) { evicted.push_back(key); });
  cache.insert(1, {.size = 40});
  cache.insert(2, {.size = 40});
  EXPECT_TRUE(cache.find(1));
  EXPECT_EQ(cache.insert(3, {.size = 40}), Admission::stored);
  EXPECT_EQ(evicted, std::vector<std::uint64_t>{2});
  EXPECT_TRUE(cache.contains(1));
  EXPECT_FALSE(cache.contains(2));
  EXPECT_EQ(cache.bytes(), 80U);
  EXPECT_EQ(cache.evictions(), 1U);
}

TEST(SparseCache, WhatIsTooLargeEvictsNothing) {
  SparseCache cache = cache_of(100);
  cache.insert(1, {.size = 40});
  EXPECT_EQ(cache.insert(2, {.size = 101}), Admission::too_large);
  EXPECT_TRUE(cache.contains(1));
  EXPECT_FALSE(cache.contains(2));
}

TEST(SparseCache, ErasesWithoutCountingAnEviction) {
  SparseCache cache = cache_of(100);
  cache.insert(1, {.size = 40});
  EXPECT_TRUE(cache.erase(1));
  EXPECT_FALSE(cache.erase(1));
  EXPECT_EQ(cache.bytes(), 0U);
  EXPECT_EQ(cache.evictions(), 0U);
}

TEST(SparseCache, APolicyMayDecline) {
  SparseCache cache(make_policy(PolicyKind::value), 100);
  cache.insert(1, {.size = 100, .cost_ms = 1000});
  EXPECT_EQ(cache.insert(2, {.size = 100, .cost_ms = 0.001}), Admission::declined);
  EXPECT_TRUE(cache.contains(1));
  EXPECT_FALSE(cache.contains(2));
  EXPECT_EQ(cache.entries(), 1U);
}

// The same keys, numbered as ExactCache wants them and named by its items' ids.
TEST(SparseCache, DecidesAsExactCacheDoes) {
  constexpr std::uint32_t keys = 50;
  const auto id_of = [](std::uint32_t key) {  // as exact_cache.cc
    std::uint64_t bits = (key + 1) * 0x9e3779b97f4a7c15;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
  };
  for (const PolicyKind kind : all_policies()) {
    ExactCache exact(make_policy(kind), 1000, keys);
    SparseCache sparse(make_policy(kind), 1000);
    std::mt19937_64 random(1);
    for (int step = 0; step < 5000; ++step) {
      const auto key = static_cast<std::uint32_t>(random() % keys * (random() % keys) / keys);
      const ItemFacts facts{.size = 20 + key * 3, .cost_ms = 1.0 + (key * 7) % 13};
      const bool found = exact.find(key);
      ASSERT_EQ(sparse.find(id_of(key)), found) << "step " << step << " of " << to_string(kind);
      if (!found) {
        ASSERT_EQ(sparse.insert(id_of(key), facts), exact.insert(key, facts));
      }
      ASSERT_EQ(sparse.bytes(), exact.bytes());
    }
    EXPECT_EQ(sparse.evictions(), exact.evictions());
    EXPECT_GT(sparse.evictions(), 0U);
  }
}

}  // namespace
}  // namespace fovea
