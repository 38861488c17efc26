#include "engine/token_odds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace fovea {
namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

TEST(TokenOdds, AreTheSoftmaxOfTheLogits) {
  const std::vector<float> logits = {std::log(1.0f), std::log(2.0f), std::log(5.0f)};
  EXPECT_NEAR(log_probability_of(logits, 0), std::log(0.125), 1e-6);
  EXPECT_NEAR(log_probability_of(logits, 1), std::log(0.25), 1e-6);
  EXPECT_NEAR(log_probability_of(logits, 2), std::log(0.625), 1e-6);
}

TEST(TokenOdds, NamesTheLikeliestFirstAndOfEqualOnesTheLowerId) {
  const std::vector<float> logits = {1, 3, 2, 3, -1};
  const auto odds = likeliest(logits, 3);
  ASSERT_EQ(odds.size(), 3u);
  EXPECT_EQ(odds[0].id, 1);
  EXPECT_EQ(odds[1].id, 3);
  EXPECT_EQ(odds[2].id, 2);
  EXPECT_EQ(odds[0].log_probability, odds[1].log_probability);
  EXPECT_EQ(odds[2].log_probability, log_probability_of(logits, 2));
  EXPECT_EQ(likeliest(logits, 9).size(), 5u);
  EXPECT_TRUE(likeliest(logits, 0).empty());
  EXPECT_TRUE(likeliest({}, 3).empty());
}

TEST(TokenOdds, LargeLogitsOverflowNothing) {
  EXPECT_NEAR(log_probability_of(std::vector<float>{3e38f, 3e38f}, 0), std::log(0.5), 1e-6);
  EXPECT_NEAR(log_probability_of(std::vector<float>{-3e38f, -3e38f}, 1), std::log(0.5), 1e-6);
  EXPECT_EQ(log_probability_of(std::vector<float>{0, -1000}, 0), 0);
  EXPECT_EQ(log_probability_of(std::vector<float>{0, -1000}, 1), -1000);
}

TEST(TokenOdds, ManySmallProbabilitiesCount) {
  std::vector<float> logits(200000, -10);
  logits[0] = 0;
  EXPECT_NEAR(log_probability_of(logits, 0), -std::log(1 + 199999 * std::exp(-10.0)), 1e-9);
}

TEST(TokenOdds, ADamagedModelsNumbersAreNoProbabilities) {
  const float nothing = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> logits = {nothing, 1, -infinite, 1};
  EXPECT_EQ(log_probability_of(logits, 0), -infinite);
  EXPECT_EQ(log_probability_of(logits, 2), -infinite);
  EXPECT_NEAR(log_probability_of(logits, 1), std::log(0.5), 1e-9);
  EXPECT_EQ(likeliest(logits, 1)[0].id, 1);
  EXPECT_EQ(log_probability_of(std::vector<float>{nothing, -infinite}, 1), -infinite);
  EXPECT_EQ(log_probability_of(std::vector<float>{infinite, 1}, 0), 0);
  EXPECT_EQ(log_probability_of(std::vector<float>{infinite, 1}, 1), -infinite);
}

}  // namespace
}  // namespace fovea
