#include "engine/llama/draft/model_trust.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

double first_of(const ModelTrust& trust) { return trust.odds(1).front(); }

TEST(ModelTrust, OddsFallFromTokenToToken) {
  const auto odds = ModelTrust().odds(4);
  ASSERT_EQ(odds.size(), 4u);
  for (std::size_t i = 1; i < odds.size(); ++i) EXPECT_LT(odds[i], odds[i - 1]);
  EXPECT_TRUE(ModelTrust().odds(0).empty());
}

TEST(ModelTrust, ConvergesToWhatIsSeen) {
  ModelTrust right, wrong;
  for (int i = 0; i < 50; ++i) right.record(true), wrong.record(false);
  EXPECT_GT(first_of(right), 0.95);
  EXPECT_LT(first_of(wrong), 0.2);
}

TEST(ModelTrust, AModelThatWasWrongIsTriedAgainLater) {
  ModelTrust trust;
  const double before = first_of(trust);
  for (int i = 0; i < 3; ++i) trust.record(false);
  EXPECT_LT(first_of(trust), 0.6);
  for (int i = 0; i < 1000; ++i) trust.pass_over();
  EXPECT_NEAR(first_of(trust), before, 0.01);
}

TEST(ModelTrust, FewTokensAreAskedForUntilSomeWereRight) {
  ModelTrust trust;
  EXPECT_EQ(trust.asked_max(), 1u);
  trust.record(false);
  EXPECT_EQ(trust.asked_max(), 1u);
  for (int i = 0; i < 3; ++i) trust.record(true);
  EXPECT_EQ(trust.asked_max(), 4u);
}

TEST(ModelTrust, SumsUpWhatItMissedUntilAllIsRead) {
  ModelTrust trust;
  trust.miss(2);
  trust.miss(3);
  EXPECT_DOUBLE_EQ(trust.missed_ms(), 5);
  trust.read_all();
  EXPECT_DOUBLE_EQ(trust.missed_ms(), 0);
}

}  // namespace
}  // namespace fovea::llama
