#include "engine/llama/draft/draft_planner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace fovea::llama {
namespace {

using Odds = std::vector<std::vector<double>>;
using Counts = std::vector<std::size_t>;

// What batches of one row and of nine take.
DraftPlanner planner_of(DraftMode mode, double one, double nine) {
  DraftPlanner planner(mode);
  for (std::size_t rows = 1; rows <= 9; ++rows)
    planner.record(rows, std::lerp(one, nine, static_cast<double>(rows - 1) / 8));
  return planner;
}

TEST(DraftPlanner, DraftsAsLongAsTokensGrowFasterThanTime) {
  const DraftPlanner planner = planner_of(DraftMode::automatic, 10, 50);
  EXPECT_EQ(planner.plan(Odds{{0.95, 0.9, 0.3, 0.1}}), Counts{2});
  EXPECT_EQ(planner.plan(Odds{{0.3, 0.2}}), Counts{0});
  EXPECT_EQ(planner.plan(Odds{{}}), Counts{0});
}

TEST(DraftPlanner, NothingIsDraftedWhereARowCostsAsMuchAsABatch) {
  EXPECT_EQ(planner_of(DraftMode::automatic, 10, 90).plan(Odds{{0.99, 0.98}}), Counts{0});
}

TEST(DraftPlanner, AllIsDraftedWhereRowsCostNothing) {
  EXPECT_EQ(planner_of(DraftMode::automatic, 10, 10).plan(Odds{{0.9, 0.8, 0.7, 0.6}}), Counts{4});
}

TEST(DraftPlanner, ABatchThatHasRowsAlreadyMakesFurtherOnesCheap) {
  const DraftPlanner planner = planner_of(DraftMode::automatic, 10, 50);
  const Odds alone = {{0.52}}, beside = {{0.52}, {}, {}, {}};
  EXPECT_EQ(planner.plan(alone), Counts{0});
  // Four rows take 25 and five 30: a fifth of the time more for an eighth of the tokens.
  EXPECT_EQ(planner.plan(beside), (Counts{0, 0, 0, 0}));
  DraftPlanner step(DraftMode::automatic);
  for (const std::size_t rows : {4UZ, 5UZ, 6UZ}) step.record(rows, 25 + 0.5 * static_cast<double>(rows));
  EXPECT_EQ(step.plan(beside), (Counts{1, 0, 0, 0}));
}

TEST(DraftPlanner, TheLikeliestTokensOfAllAnswersComeFirst) {
  DraftPlanner planner(DraftMode::automatic);
  for (const auto& [rows, ms] : {std::pair{2UZ, 10.0}, {4UZ, 11.0}, {5UZ, 60.0}}) planner.record(rows, ms);
  EXPECT_EQ(planner.plan(Odds{{0.5, 0.4}, {0.95, 0.9}}), (Counts{0, 2}));
}

TEST(DraftPlanner, OnDraftsEverythingAndOffNothing) {
  const Odds odds = {{0.01, 0.001}, {0.5}};
  EXPECT_EQ(planner_of(DraftMode::on, 10, 90).plan(odds), (Counts{2, 1}));
  EXPECT_EQ(planner_of(DraftMode::off, 10, 10).plan(odds), (Counts{0, 0}));
}

// Of a draft model whose batches take as long, whatever their rows.
BatchCosts costs_of(double ms) {
  BatchCosts costs;
  for (std::size_t rows = 1; rows <= 9; ++rows) costs.record(rows, ms);
  return costs;
}

TEST(DraftPlanner, AModelIsAskedAsLongAsItsTimeIsWorthIt) {
  const DraftPlanner planner = planner_of(DraftMode::automatic, 10, 18);
  const Odds odds = {{0.8, 0.64, 0.51, 0.41}};
  const PlannedBatch before{.rows = 1, .tokens = 1};
  const std::size_t cheap = planner.plan_asks(odds, before, costs_of(0.1), 1).counts.front();
  const std::size_t dearer = planner.plan_asks(odds, before, costs_of(3), 1).counts.front();
  EXPECT_EQ(cheap, 4u);
  EXPECT_LT(dearer, cheap);
  EXPECT_GT(dearer, 0u);
  const PlannedAsks none = planner.plan_asks(odds, before, costs_of(10), 1);
  EXPECT_EQ(none.counts, Counts{0});
  EXPECT_DOUBLE_EQ(none.saved_ms, 0);
  EXPECT_EQ(planner.plan_asks(odds, before, costs_of(10), 0.01).counts, Counts{4});
}

TEST(DraftPlanner, TellsWhatAskingSaves) {
  const DraftPlanner planner = planner_of(DraftMode::automatic, 10, 10);
  // Two tokens in 10 + 1 ms, where two steps take 20.
  EXPECT_NEAR(planner.plan_asks(Odds{{1}}, {.rows = 1, .tokens = 1}, costs_of(1), 1).saved_ms, 9, 1e-9);
}

TEST(DraftPlanner, AnswersAreAskedForTogether) {
  const DraftPlanner planner = planner_of(DraftMode::automatic, 10, 11);
  const PlannedBatch before{.rows = 4, .tokens = 4};
  // A proposal of one alone costs more than it adds, those of all four cost the same together.
  EXPECT_EQ(planner.plan_asks(Odds{{0.8}, {}, {}, {}}, before, costs_of(4), 1).counts, (Counts{0, 0, 0, 0}));
  EXPECT_EQ(planner.plan_asks(Odds{{0.8}, {0.8}, {0.8}, {0.8}}, before, costs_of(4), 1).counts, (Counts{1, 1, 1, 1}));
}

TEST(DraftPlanner, OnAsksForAllAndOffForNothing) {
  const Odds odds = {{0.01, 0.001}, {0.5}};
  const PlannedBatch before{.rows = 2, .tokens = 2};
  EXPECT_EQ(planner_of(DraftMode::on, 10, 90).plan_asks(odds, before, costs_of(99), 1).counts, (Counts{2, 1}));
  EXPECT_EQ(planner_of(DraftMode::off, 10, 10).plan_asks(odds, before, costs_of(0.1), 1).counts, (Counts{0, 0}));
  const PlannedBatch full{.rows = BatchCosts::rows_max, .tokens = 64};
  EXPECT_EQ(planner_of(DraftMode::on, 10, 90).plan_asks(odds, full, costs_of(99), 1).counts, (Counts{0, 0}));
}

TEST(DraftPlanner, ABatchNeverGrowsBeyondWhatIsMeasured) {
  const Odds odds(30, std::vector<double>(8, 0.9));
  const Counts counts = DraftPlanner(DraftMode::on).plan(odds);
  EXPECT_EQ(odds.size() + std::accumulate(counts.begin(), counts.end(), 0UZ), BatchCosts::rows_max);
  EXPECT_EQ(DraftPlanner(DraftMode::on).plan(Odds(BatchCosts::rows_max, {0.9})), Counts(BatchCosts::rows_max, 0));
}

}  // namespace
}  // namespace fovea::llama
