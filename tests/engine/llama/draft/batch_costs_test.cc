#include "engine/llama/draft/batch_costs.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

TEST(BatchCosts, AreGuessedInUnitsOfARowWhileNothingIsMeasured) {
  const BatchCosts costs;
  EXPECT_DOUBLE_EQ(costs.cost(1), 1);
  EXPECT_GT(costs.cost(2), 1);
  EXPECT_LT(costs.cost(2), 2);
}

TEST(BatchCosts, AreBetweenWhatWasMeasured) {
  BatchCosts costs;
  costs.record(1, 10);
  costs.record(5, 18);
  EXPECT_DOUBLE_EQ(costs.cost(1), 10);
  EXPECT_DOUBLE_EQ(costs.cost(3), 14);
  EXPECT_DOUBLE_EQ(costs.cost(5), 18);
}

TEST(BatchCosts, GrowBeyondWhatWasMeasured) {
  BatchCosts costs;
  costs.record(4, 20);
  EXPECT_LT(costs.cost(1), 20);
  EXPECT_LT(costs.cost(1), costs.cost(2));
  EXPECT_GT(costs.cost(5), 20);
  EXPECT_GT(costs.cost(BatchCosts::rows_max), costs.cost(5));
}

TEST(BatchCosts, FollowTheMachineAndNotItsOutliers) {
  BatchCosts costs;
  for (int i = 0; i < 10; ++i) costs.record(2, 10);
  costs.record(2, 10'000);
  EXPECT_LT(costs.cost(2), 13);
  for (int i = 0; i < 10; ++i) costs.record(2, 5);
  EXPECT_NEAR(costs.cost(2), 5, 0.1);
  for (int i = 0; i < 200; ++i) costs.record(2, 8);
  EXPECT_NEAR(costs.cost(2), 8, 0.1);
}

TEST(BatchCosts, AFirstBatchThatWaitedIsNoMeasure) {
  BatchCosts costs;
  costs.record(1, 10);
  costs.record(2, 10'000);
  EXPECT_LT(costs.cost(2), 30);
}

TEST(BatchCosts, WhatSeemedSlowIsTriedAgainAfterAWhile) {
  BatchCosts costs;
  costs.record(1, 10);
  const double guessed = costs.cost(2);
  for (int i = 0; i < 100; ++i) costs.record(2, 100);
  const double slow = costs.cost(2);
  ASSERT_GT(slow, 2 * guessed);
  for (int i = 0; i < 40000; ++i) costs.record(1, 10);
  EXPECT_NEAR(costs.cost(2), guessed, 0.1 * guessed);
  for (int i = 0; i < 2000; ++i) costs.record(2, guessed / 2);
  for (int i = 0; i < 2000; ++i) costs.record(1, 10);
  EXPECT_NEAR(costs.cost(2), guessed / 2, 0.1) << "what is fast is not forgotten";
}

TEST(BatchCosts, IgnoreBatchesThatAreNotDraftedFor) {
  BatchCosts costs;
  costs.record(0, 5);
  costs.record(BatchCosts::rows_max + 1, 5);
  costs.record(3, 0);
  EXPECT_DOUBLE_EQ(costs.cost(1), 1);
}

}  // namespace
}  // namespace fovea::llama
