#include "prefetch/prefetch_account.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "prefetch/numbered_key.h"

namespace fovea {
namespace {

using Part = PrefetchAccount::Part;
using LookedUp = PrefetchAccount::LookedUp;

class PrefetchAccountTest : public testing::Test {
 protected:
  // A move of picture 1 in parts 10 and 11, from second 1 to second 2.
  void move(std::uint64_t number = 1) {
    clock_.now = 1000;
    account_.began(number, scope_key(1), picture_key(1));
    clock_.now = 2000;
    account_.moved(number, {{picture_key(10), 100}, {picture_key(11), 50}});
  }
  void ask(std::vector<LookedUp> looked_up, double began_ms = 3000, int picture = 1, int scope = 1) {
    const Key key = picture_key(picture);
    account_.asked(scope_key(scope), std::span(&key, 1), looked_up, began_ms);
  }
  void expect(std::uint64_t used, std::uint64_t late, std::uint64_t wasted) const {
    const PrefetchCounts counts = account_.counts();
    EXPECT_EQ(counts.used, used);
    EXPECT_EQ(counts.late, late);
    EXPECT_EQ(counts.wasted, wasted);
    EXPECT_EQ(counts.issued, used + late + wasted + counts.outstanding());
  }

  SetClock clock_;
  SuccessorTable table_{{}, clock_};
  PrefetchAccount account_{table_, clock_};
};

TEST_F(PrefetchAccountTest, UsedIsFoundInMemoryAfterTheMove) {
  move();
  expect(0, 0, 0);
  EXPECT_EQ(account_.counts().outstanding(), 1U);
  ask({{picture_key(10), TierKind::memory}, {picture_key(11), TierKind::memory}});
  expect(1, 0, 0);
  EXPECT_EQ(account_.counts().used_bytes, 150U);
  EXPECT_EQ(account_.counts().wasted_bytes, 0U);
  EXPECT_EQ(account_.counts().precision(), 1);
  ask({{picture_key(10), TierKind::memory}});  // it counts once
  expect(1, 0, 0);
}

TEST_F(PrefetchAccountTest, WhatTheRequestDidNotNeedOfItIsWasted) {
  move();
  ask({{picture_key(11), TierKind::memory}});
  expect(1, 0, 0);
  EXPECT_EQ(account_.counts().used_bytes, 50U);
  EXPECT_EQ(account_.counts().wasted_bytes, 100U);
}

TEST_F(PrefetchAccountTest, EvictedBeforeIsWasted) {
  move();
  ask({{picture_key(10), TierKind::shared}, {picture_key(11), TierKind::memory}});
  expect(0, 0, 1);
  EXPECT_EQ(account_.counts().wasted_bytes, 150U);
  EXPECT_EQ(account_.counts().waited, 1U);
}

TEST_F(PrefetchAccountTest, ARequestThatBeganBeforeTheMoveWasOverIsLate) {
  move();
  ask({{picture_key(10), TierKind::memory}}, 1999);
  expect(0, 1, 0);
}

TEST_F(PrefetchAccountTest, AskedForWhileItIsBeingMovedIsLate) {
  clock_.now = 1000;
  account_.began(1, scope_key(1), picture_key(1));
  ask({{picture_key(10), TierKind::shared}}, 1500);
  clock_.now = 2000;
  account_.moved(1, {{picture_key(10), 100}});
  expect(0, 1, 0);
  EXPECT_EQ(account_.counts().wasted_bytes, 100U);
}

TEST_F(PrefetchAccountTest, AnotherScopesRequestIsNoUseOfIt) {
  clock_.now = 1000;
  account_.began(1, scope_key(1), picture_key(1));
  ask({}, 1500, 1, 2);
  clock_.now = 2000;
  account_.moved(1, {{picture_key(10), 100}});
  expect(0, 0, 0);
}

TEST_F(PrefetchAccountTest, WhatNoTierHadIsWasted) {
  account_.began(1, scope_key(1), picture_key(1));
  account_.moved(1, {});
  expect(0, 0, 1);
  EXPECT_EQ(account_.counts().bytes, 0U);
}

TEST_F(PrefetchAccountTest, WhatIsGoneFromMemoryEnds) {
  move();
  account_.end_old([](const Key& key) { return key == picture_key(11); });
  expect(0, 0, 0);
  account_.end_old([](const Key&) { return false; });
  expect(0, 0, 1);
}

TEST_F(PrefetchAccountTest, WhatNobodyAsksForEnds) {
  move();
  clock_.now = 2000 + PrefetchAccount::Options().wait_max_ms;
  account_.end_old([](const Key&) { return true; });
  expect(0, 0, 1);
}

TEST_F(PrefetchAccountTest, CoverageIsOfTheWaitsForATier) {
  EXPECT_EQ(account_.counts().coverage(), 0);
  move();
  ask({{picture_key(10), TierKind::memory}, {picture_key(11), TierKind::memory}});
  ask({{picture_key(20), TierKind::disk}}, 3000, 2);
  ask({{picture_key(30), TierKind::shared}}, 3000, 3);
  ask({{picture_key(40), std::nullopt}}, 3000, 4);  // has to be computed
  EXPECT_DOUBLE_EQ(account_.counts().coverage(), 1.0 / 3);
}

// Whatever happens in whatever order, everything that was issued is counted once, and the table is bounded.
TEST(PrefetchAccount, CountsAddUp) {
  const unsigned seed = 3;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  SetClock clock;
  SuccessorTable table({}, clock);
  PrefetchAccount account(table, clock, {.open_max = 20, .wait_max_ms = 5000});
  const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
  std::vector<std::uint64_t> moving;
  for (std::uint64_t number = 1; number <= 5000; ++number) {
    clock.now += below(200);
    account.began(number, scope_key(1), picture_key(below(40)));
    moving.push_back(number);
    if (below(3) > 0) {
      account.moved(moving.front(), {{picture_key(100 + below(40)), 1}, {picture_key(100 + below(40)), 2}});
      moving.erase(moving.begin());
    }
    const std::vector<Key> pictures = {picture_key(below(40))};
    const std::vector<LookedUp> looked_up = {
        {picture_key(100 + below(40)), below(2) > 0 ? TierKind::memory : TierKind::disk}};
    account.asked(scope_key(1), pictures, looked_up, clock.now - below(300));
    if (below(10) == 0) account.end_old([&](const Key&) { return below(3) > 0; });
    const PrefetchCounts counts = account.counts();
    ASSERT_LE(counts.used + counts.late + counts.wasted, counts.issued);
    ASSERT_LE(counts.outstanding(), 20U);
    ASSERT_LE(counts.used_bytes + counts.wasted_bytes, counts.bytes);
  }
  EXPECT_GT(account.counts().used, 0U);
  EXPECT_GT(account.counts().late, 0U);
  EXPECT_GT(account.counts().wasted, 0U);
}

}  // namespace
}  // namespace fovea
