// ReuseOdds: kinds, and what worth() learns from counts of requests and waiting.
#include "cache/policy/reuse_odds.h"

#include <gtest/gtest.h>

#include <limits>

namespace fovea {
namespace {

constexpr float middling = 0.5F;

std::uint32_t kind(std::uint32_t uses, float importance = middling) { return ReuseOdds::kind_of(0, uses, importance); }

// `count` entries of kind `of` were requested again at `age`.
void came_back(ReuseOdds& odds, std::uint32_t of, std::uint64_t age, int count) {
  for (int i = 0; i < count; ++i) {
    odds.waited(of, 0, age);
    odds.requested(of, age);
  }
}

// `count` entries of kind `of` were not requested before `age`.
void stayed_away(ReuseOdds& odds, std::uint32_t of, std::uint64_t age, int count) {
  for (int i = 0; i < count; ++i) odds.waited(of, 0, age);
}

TEST(ReuseOdds, KnowKindsByLevelUsesAndThirdOfImportance) {
  EXPECT_NE(ReuseOdds::kind_of(0, 1, middling), ReuseOdds::kind_of(2, 1, middling));
  EXPECT_NE(kind(1), kind(2));
  EXPECT_EQ(kind(16), kind(31));
  EXPECT_NE(kind(31), kind(32));
  EXPECT_NE(kind(1, 0.1F), kind(1, 0.5F));
  EXPECT_NE(kind(1, 0.5F), kind(1, 0.9F));
}

TEST(ReuseOdds, TakeAnyNumbers) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::uint32_t level : {0U, 3U, UINT32_MAX}) {
    for (const std::uint32_t uses : {0U, 1U, UINT32_MAX}) {
      for (const float importance : {-1.0F, 2.0F, nan})
        EXPECT_LT(ReuseOdds::kind_of(level, uses, importance), ReuseOdds::kinds);
    }
  }
  ReuseOdds odds;
  odds.waited(0, 0, UINT64_MAX);
  odds.requested(0, UINT64_MAX);
  odds.learn();
  EXPECT_GT(odds.worth(0, UINT64_MAX), 0);
  EXPECT_LE(odds.worth(0, 0), 1);
}

TEST(ReuseOdds, BeginWithMoreUsesBeingBetterAndLongAgeWorse) {
  const ReuseOdds odds;
  EXPECT_GT(odds.worth(kind(3), 100), odds.worth(kind(1), 100));
  EXPECT_GT(odds.worth(kind(1), 100), odds.worth(kind(1), 10'000));
}

TEST(ReuseOdds, LearnARate) {
  ReuseOdds odds;
  // One request in 50 calls of waiting at every age. It is exact for ages of a power of two, where bins
  // begin.
  for (int i = 0; i < 10'000; ++i) {
    odds.waited(kind(1), 0, 1023);
    for (int n = 0; n < 20; ++n) odds.requested(kind(1), static_cast<std::uint64_t>(n * 50 + 25 + i % 25));
  }
  odds.learn();
  EXPECT_NEAR(odds.worth(kind(1), 100), 0.02, 0.004);
  EXPECT_NEAR(odds.worth(kind(1), 500), 0.02, 0.004);
}

TEST(ReuseOdds, AreWorthMoreTheNearerTheTurnInALoop) {
  ReuseOdds odds;
  came_back(odds, kind(2), 1000, 10'000);
  odds.learn();
  EXPECT_GT(odds.worth(kind(2), 900), 2 * odds.worth(kind(2), 500));
  EXPECT_GT(odds.worth(kind(2), 500), odds.worth(kind(2), 10));
  EXPECT_LT(odds.worth(kind(2), 3000), odds.worth(kind(2), 10));
}

TEST(ReuseOdds, CountThoseThatStayedAway) {
  ReuseOdds some, few;
  for (ReuseOdds* odds : {&some, &few}) came_back(*odds, kind(1), 10, 1000);
  stayed_away(few, kind(1), 1000, 9000);
  some.learn();
  few.learn();
  EXPECT_GT(some.worth(kind(1), 0), 3 * few.worth(kind(1), 0));
}

TEST(ReuseOdds, LearnThatMoreUsesCanMeanFewerToCome) {
  ReuseOdds odds;  // every entry is requested three times, and then never again
  for (const std::uint32_t uses : {1U, 2U}) came_back(odds, kind(uses), 20, 5000);
  stayed_away(odds, kind(3), 5000, 5000);
  odds.learn();
  EXPECT_GT(odds.worth(kind(1), 5), 10 * odds.worth(kind(3), 5));
}

TEST(ReuseOdds, HeedImportanceOnlyWhereItTellsSomething) {
  ReuseOdds telling, idle;
  for (const float importance : {0.1F, 0.5F, 0.9F}) {
    came_back(idle, kind(1, importance), 100, 3000);
    came_back(telling, kind(1, importance), 100, importance > 0.8F ? 3000 : 300);
    stayed_away(telling, kind(1, importance), 5000, importance > 0.8F ? 0 : 2700);
  }
  telling.learn();
  idle.learn();
  EXPECT_GT(telling.worth(kind(1, 0.9F), 50), 5 * telling.worth(kind(1, 0.1F), 50));
  EXPECT_NEAR(idle.worth(kind(1, 0.9F), 50) / idle.worth(kind(1, 0.1F), 50), 1, 1e-6);
}

TEST(ReuseOdds, ExpectOfUnseenKindsWhatTheirLevelDoes) {
  ReuseOdds odds;
  const double before = odds.worth(kind(2, 0.9F), 10);
  came_back(odds, kind(2, 0.1F), 10'000, 5000);  // entries of this level are hardly ever requested early
  odds.learn();
  EXPECT_LT(odds.worth(kind(2, 0.9F), 10), before);
}

TEST(ReuseOdds, FadeSoThatNewHabitsWin) {
  ReuseOdds odds;
  came_back(odds, kind(1), 10, 1000);
  for (int i = 0; i < 10; ++i) odds.fade();
  stayed_away(odds, kind(1), 1000, 1000);
  odds.learn();
  ReuseOdds never_faded;
  came_back(never_faded, kind(1), 10, 1000);
  stayed_away(never_faded, kind(1), 1000, 1000);
  never_faded.learn();
  EXPECT_LT(odds.worth(kind(1), 0), never_faded.worth(kind(1), 0) / 3);
}

TEST(ReuseOdds, ChangeNothingBeforeTheyLearn) {
  ReuseOdds odds;
  const double before = odds.worth(kind(1), 10);
  came_back(odds, kind(1), 10, 1000);
  EXPECT_EQ(odds.worth(kind(1), 10), before);
  odds.learn();
  EXPECT_NE(odds.worth(kind(1), 10), before);
}

}  // namespace
}  // namespace fovea
