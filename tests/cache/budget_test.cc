// One byte limit for several levels.
#include "fovea/budget.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "cache/policies.h"
#include "cache/sparse_cache.h"
#include "fovea/level.h"

namespace fovea {
namespace {

constexpr std::uint64_t overhead = Level::entry_overhead_bytes;

Key key_of(int number) { return KeyBuilder("budget").field(number).finish(); }
Blob value_of(std::size_t size) { return Blob::copy_of(std::string(size, 'x')); }

TEST(Budget, OneNumberForSeveralLevels) {
  const auto budget = Budget::make({.bytes_max = 4 * (100 + overhead), .policy = PolicyKind::lru});
  Level first(budget);
  Level second(budget);
  for (int i = 0; i < 3; ++i) first.insert(key_of(i), value_of(100), 1);
  for (int i = 0; i < 2; ++i) second.insert(key_of(i), value_of(100), 1);
  EXPECT_EQ(budget->bytes(), 4 * (100 + overhead));
  EXPECT_FALSE(first.contains(key_of(0)));  // the oldest of both
  EXPECT_EQ(first.stats().entries, 2u);
  EXPECT_EQ(second.stats().entries, 2u);
  EXPECT_EQ(first.stats().bytes + second.stats().bytes, budget->bytes());
  EXPECT_EQ(first.stats().evictions, 1u);
  EXPECT_EQ(second.stats().evictions, 0u);
}

TEST(Budget, TheSameKeyInTwoLevelsIsTwoEntries) {
  const auto budget = Budget::make({.bytes_max = 1 << 20});
  Level first(budget);
  Level second(budget);
  first.insert(key_of(1), Blob::copy_of("first"), 1);
  second.insert(key_of(1), Blob::copy_of("second"), 1);
  EXPECT_EQ(first.find(key_of(1))->value.text(), "first");
  EXPECT_TRUE(second.erase(key_of(1)));
  EXPECT_TRUE(first.contains(key_of(1)));
}

TEST(Budget, BytesGoToTheLevelThatSavesMostTimePerByte) {
  const auto budget = Budget::make({.bytes_max = 20 * (1000 + overhead), .policy = PolicyKind::cost});
  Level cheap(budget);
  Level dear(budget);
  for (int i = 0; i < 20; ++i) cheap.insert(key_of(i), value_of(1000), 1);
  for (int i = 0; i < 15; ++i) dear.insert(key_of(i), value_of(1000), 500);
  EXPECT_EQ(dear.stats().entries, 15u);
  EXPECT_EQ(cheap.stats().entries, 5u);
  for (int i = 20; i < 30; ++i) cheap.insert(key_of(i), value_of(1000), 1);  // they displace cheap ones
  EXPECT_EQ(dear.stats().entries, 15u);
}

// Beside the plain cache of replay and of simulated fleets, which has no levels of its own: items say theirs.
// Small entries are asked for often and large ones seldom, so a newcomer's level decides what it is worth.
TEST(Budget, NewcomersAreJudgedByTheirOwnLevel) {
  constexpr std::array<std::uint64_t, 2> sizes{1000, 30'000};
  constexpr std::array<double, 2> costs_ms{300, 100};
  constexpr std::uint64_t bytes_max = 400'000;
  const auto budget = Budget::make({.bytes_max = bytes_max, .policy = PolicyKind::value});
  std::array<Level, 2> levels{Level(budget), Level(budget)};
  SparseCache plain(make_policy(PolicyKind::value), bytes_max);
  std::mt19937 dice(7);
  std::uint64_t declined = 0;
  for (int i = 0; i < 6000; ++i) {
    const std::size_t level = dice() % 3 == 0 ? 1 : 0;
    const Key key = key_of(static_cast<int>(1000 * level + std::min(dice() % 60, dice() % 60)));
    const std::uint64_t size = sizes[level] + overhead;
    const bool hit = levels[level].find(key).has_value();
    ASSERT_EQ(hit, plain.find(key.bits())) << "request " << i;
    if (hit) continue;
    const ItemFacts facts{.size = size, .cost_ms = costs_ms[level], .level = static_cast<std::uint8_t>(level)};
    const bool stored = plain.insert(key.bits(), facts) == Admission::stored;
    declined += stored ? 0 : 1;
    ASSERT_EQ(levels[level].insert(key, value_of(sizes[level]), costs_ms[level]) == Insertion::stored, stored) << i;
  }
  EXPECT_GT(declined, 0U);
}

TEST(Budget, ALevelThatGoesGivesItsBytesBack) {
  const auto budget = Budget::make({.bytes_max = 1 << 20});
  Level stays(budget);
  stays.insert(key_of(1), value_of(10), 1);
  std::optional<LevelHit> hit;
  {
    Level goes(budget);
    goes.insert(key_of(1), value_of(100), 1);
    hit = goes.find(key_of(1));
  }
  EXPECT_EQ(budget->bytes(), 10 + overhead);
  EXPECT_EQ(hit->value.size(), 100u);
  stays.find(key_of(1));
  EXPECT_EQ(stays.stats().hits, 1u);
}

TEST(Budget, ResizesForAll) {
  const auto budget = Budget::make({.bytes_max = 1 << 20});
  Level first(budget);
  Level second(budget);
  for (int i = 0; i < 10; ++i) (i % 2 == 0 ? first : second).insert(key_of(i), value_of(100), 1);
  first.resize(2 * (100 + overhead));
  EXPECT_EQ(budget->bytes_max(), 2 * (100 + overhead));
  EXPECT_LE(budget->bytes(), 2 * (100 + overhead));
  EXPECT_EQ(first.stats().entries + second.stats().entries, 2u);
}

}  // namespace
}  // namespace fovea
