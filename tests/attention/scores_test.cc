#include "attention/scores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "attention/attention_sum.h"
#include "attention/request.h"
#include "attention/weights.h"

namespace fovea {
namespace {

using testing::FloatEq;
using testing::Pointwise;

using Runs = std::vector<TokenRun>;

auto are(const std::vector<float>& scores) { return Pointwise(FloatEq(), scores); }

const Runs text_tile_text{{.first = 0, .count = 1},
                          {.first = 1, .count = 4, .visual = true, .columns = 2, .rows = 2},
                          {.first = 5, .count = 1}};

TEST(TokenScores, TextIsHalfImportanceAndHalfRecency) {
  const Runs runs{{.first = 0, .count = 4}};
  EXPECT_THAT(token_scores(std::vector{8.0, 2.0, 0.0, 4.0}, runs),
              are({0.5F + 0.125F, 0.125F + 0.25F, 0.375F, 0.25F + 0.5F}));
}

TEST(TokenScores, VisualIsImportanceAndConcentration) {
  const Runs runs{{.first = 0, .count = 6, .visual = true, .columns = 3, .rows = 2}};
  // 4 0 0      means  4/4 6/6 2/4
  // 0 0 2             4/4 6/6 2/4
  EXPECT_THAT(token_scores(std::vector{4.0, 0.0, 0.0, 0.0, 0.0, 2.0}, runs),
              are({1.0F, 0.3F, 0.15F, 0.3F, 0.3F, 0.35F + 0.15F}));
}

TEST(TokenScores, ARunOfOneRowLooksLeftAndRight) {
  const Runs runs{{.first = 0, .count = 4, .visual = true, .columns = 4, .rows = 1}};
  // means 2/2, 2/3, 6/3, 6/2: the greatest is 3
  EXPECT_THAT(token_scores(std::vector{2.0, 0.0, 0.0, 6.0}, runs), are({0.7F / 3 + 0.1F, 0.3F * 2 / 9, 0.2F, 1.0F}));
}

TEST(TokenScores, KindsAreMeasuredByTheirOwnGreatest) {
  // The first text token takes nearly all; the picture's best cell still has an importance of 1.
  const std::vector<double> importance{1000, 0.5, 0.5, 0.5, 0.5, 10};
  EXPECT_THAT(token_scores(importance, text_tile_text), are({0.75F, 1, 1, 1, 1, 0.505F}));
}

TEST(TokenScores, PicturesAndTilesShareTheGreatestButNoNeighbours) {
  Runs runs;
  for (std::uint32_t run = 0; run < 4; ++run) {
    runs.push_back(
        {.first = 4 * run, .count = 4, .visual = true, .image = run / 2, .tile = run % 2, .columns = 2, .rows = 2});
  }
  std::vector<double> importance(16);
  importance[3] = 4;  // the last token of the first tile, beside the first of the second
  importance[12] = 1;
  const std::vector<float> scores = token_scores(importance, runs);
  EXPECT_THAT(scores, are({0.3F, 0.3F, 0.3F, 1.0F,  //
                           0, 0, 0, 0,              // next to it in order, not on the picture
                           0, 0, 0, 0,              //
                           0.25F, 0.075F, 0.075F, 0.075F}));
}

TEST(TokenScores, PaddingAndMissingPositionsDoNotCount) {
  const std::vector<double> importance{1, 2, 1, 1, 1, 1};
  const std::vector<float> scores = token_scores(importance, text_tile_text);
  std::vector<double> padded = importance;
  padded.insert(padded.end(), {1000.0, 1000.0});
  EXPECT_EQ(token_scores(padded, text_tile_text), scores);
  const std::vector<float> cut = token_scores(std::span(importance).first(1), text_tile_text);
  EXPECT_EQ(cut, (std::vector<float>{0.75F, 0, 0, 0, 0, 0.5F}));
  EXPECT_TRUE(token_scores(importance, {}).empty());
}

TEST(TokenScores, AnObjectOutscoresASinkOfTheSameImportance) {
  const Runs runs{{.first = 0, .count = 64, .visual = true, .columns = 8, .rows = 8}};
  std::vector<double> importance(64);
  for (const int cell : {9, 10, 17, 18, 45})
    importance[static_cast<std::size_t>(cell)] = 1;  // 2x2 cells, and one alone
  const std::vector<float> scores = token_scores(importance, runs);
  EXPECT_GT(scores[9], scores[45]);
  EXPECT_GT(scores[18], scores[45]);
}

TEST(TokenScoresDeathTest, RunsThatAreNotSoundAreRefused) {
  EXPECT_DEATH(token_scores({}, Runs{{.first = 1, .count = 1}}), "follow one another");
}

RC_GTEST_PROP(TokenScores, AreInRangeForAnyInput, ()) {
  const Runs runs = random_runs();
  const auto weight = rc::gen::oneOf(
      rc::gen::arbitrary<double>(),
      rc::gen::element(0.0, -1.0, std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max(),
                       std::numeric_limits<double>::infinity(), std::nan("")));
  const auto importance = *rc::gen::container<std::vector<double>>(weight);
  const std::vector<float> scores = token_scores(importance, runs);
  RC_ASSERT(scores.size() == token_count(runs));
  for (const float score : scores) RC_ASSERT(score >= 0 && score <= 1);
}

RC_GTEST_PROP(TokenScores, WithoutAttentionOnlyRecencyIsLeft, ()) {
  const Runs runs = random_runs();
  const std::vector<float> scores = token_scores(std::vector<double>(token_count(runs)), runs);
  float last = 0;
  for (const TokenRun& run : runs) {
    for (std::uint32_t at = run.first; at < run.first + run.count; ++at) {
      if (run.visual) {
        RC_ASSERT(scores[at] == 0);
      } else {
        RC_ASSERT(scores[at] > last);
        last = scores[at];
      }
    }
  }
  RC_ASSERT(last == 0 || last == 0.5F);
}

RC_GTEST_PROP(TokenScores, EqualImportanceIsOneForEveryVisualToken, ()) {
  const Runs runs = random_runs();
  const double importance = *rc::gen::element(1e-300, 0.1, 3.0, 1e300);
  const std::vector<float> scores = token_scores(std::vector<double>(token_count(runs), importance), runs);
  for (const TokenRun& run : runs) {
    if (!run.visual) continue;
    for (const float score : std::span(scores).subspan(run.first, run.count)) RC_ASSERT(score >= 1 - 1e-6F);
  }
}

RC_GTEST_PROP(TokenScores, TheScaleOfTheWeightsMakesNoDifference, ()) {
  const Runs runs = random_runs();
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const float scale = *rc::gen::element(1e-6F, 0.3F, 7.0F, 1e6F);
  const std::uint32_t keys = std::max(1U, token_count(runs));
  Weights weights = random_weights(random, 0, keys, keys, 3, 5);
  AttentionSum sum;
  sum.add(weights.rows());
  for (float& weight : weights.values) weight *= scale;
  AttentionSum scaled;
  scaled.add(weights.rows());
  const std::vector<float> scores = token_scores(sum.importance(), runs);
  const std::vector<float> others = token_scores(scaled.importance(), runs);
  for (std::size_t at = 0; at < scores.size(); ++at) RC_ASSERT(std::abs(scores[at] - others[at]) <= 1e-6F);
}

RC_GTEST_PROP(TokenScores, AOneHotTokenIsHighestAndItsNeighboursAreAboveTheRest, ()) {
  const auto columns = *rc::gen::inRange(1, 9);
  const auto rows = *rc::gen::inRange(1, 9);
  const auto hot = *rc::gen::inRange(0, columns * rows);
  const auto count = static_cast<std::uint32_t>(columns * rows);
  const TokenRun run{.first = 0,
                     .count = count,
                     .visual = true,
                     .columns = static_cast<std::uint32_t>(columns),
                     .rows = static_cast<std::uint32_t>(rows)};
  std::vector<double> importance(count);
  importance[static_cast<std::size_t>(hot)] = *rc::gen::element(1e-9, 1.0, 1e9);
  const std::vector<float> scores = token_scores(importance, std::span(&run, 1));
  for (int cell = 0; cell < columns * rows; ++cell) {
    const float score = scores[static_cast<std::size_t>(cell)];
    const int distance = std::max(std::abs(cell % columns - hot % columns), std::abs(cell / columns - hot / columns));
    if (distance == 0) RC_ASSERT(score >= 0.7F);
    if (distance == 1) RC_ASSERT(score > 0 && score < 0.7F);
    if (distance > 1) RC_ASSERT(score == 0);
  }
}

}  // namespace
}  // namespace fovea
