#include "attention/attention_sum.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "attention/weights.h"

namespace fovea {
namespace {

// 2 heads, 3 queries, 5 keys; each row is causal, as if the queries were the tokens 2, 3 and 4.
Weights by_hand(std::uint32_t layer = 0) {
  return {layer, 5, 3, 2, {0.5F,  0.25F, 0.25F, 0,     0,     // head 0
                           0.25F, 0.25F, 0.25F, 0.25F, 0,     //
                           0.5F,  0,     0,     0,     0.5F,  //
                           1,     0,     0,     0,     0,     // head 1
                           0,     1,     0,     0,     0,     //
                           0,     0.25F, 0.5F,  0.25F, 0}};
}

TEST(AttentionSum, SumsTheMeanOverHeadsOfTheRowsThatCount) {
  AttentionSum sum;
  sum.add(by_hand().rows());
  EXPECT_EQ(sum.importance(), (std::vector{1.125, 0.875, 0.5, 0.25, 0.25}));
  EXPECT_EQ(sum.query_rows(), 3U);
  EXPECT_EQ(sum.layers(), 1U);

  AttentionSum last_two;
  last_two.add(by_hand().rows(1, 3));
  EXPECT_EQ(last_two.importance(), (std::vector{0.375, 0.75, 0.375, 0.25, 0.25}));
  EXPECT_EQ(last_two.query_rows(), 2U);
}

TEST(AttentionSum, EveryLayerCountsAlikeWhateverItsHeads) {
  AttentionSum sum;
  sum.add(by_hand(4).rows());
  const Weights one_head{
      .layer = 7, .keys = 5, .queries = 3, .heads = 1, .values = {0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}};
  sum.add(one_head.rows());
  EXPECT_EQ(sum.layers(), 2U);
  EXPECT_EQ(sum.query_rows(), 3U);
  EXPECT_EQ(sum.importance(), (std::vector{0.5625, 0.4375, 0.75, 0.625, 0.625}));
}

TEST(AttentionSum, GrowsWithTheKeysOfLaterSteps) {
  AttentionSum sum(2);
  sum.add(by_hand().rows());
  const Weights step{.layer = 0, .keys = 8, .queries = 1, .heads = 1, .values = {0, 0, 0, 0, 0.5F, 0.5F, 0, 0}};
  sum.add(step.rows());
  sum.add(by_hand().rows(2, 3));  // fewer keys again
  EXPECT_EQ(sum.importance(), (std::vector{1.375, 1.0, 0.75, 0.375, 1.0, 0.5, 0.0, 0.0}));
  EXPECT_EQ(sum.query_rows(), 5U);
}

TEST(AttentionSum, ColumnsMayStandForOtherPositions) {
  const std::vector<std::uint32_t> position_of{6, 0, AttentionSum::no_position, 2, 0};
  const Weights weights = by_hand();
  AttentionRows rows = weights.rows();
  rows.position_of = position_of;
  AttentionSum sum;
  sum.add(rows);
  EXPECT_EQ(sum.importance(), (std::vector{1.125, 0.0, 0.25, 0.0, 0.0, 0.0, 1.125}));
}

TEST(AttentionSum, RowsThatAreNotFiniteAreLeftOutAndCounted) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    Weights weights = by_hand();
    weights.at(1, 0, 4) = bad;
    weights.at(0, 0, 4) = -bad;  // infinities of both signs make a NaN
    AttentionSum sum;
    sum.add(weights.rows());
    EXPECT_EQ(sum.unusable_rows(), 1U);
    EXPECT_EQ(sum.query_rows(), 3U);
    EXPECT_EQ(sum.importance(), (std::vector{0.375, 0.75, 0.375, 0.25, 0.25}));
    sum.add(weights.rows(1, 3));
    EXPECT_EQ(sum.unusable_rows(), 1U);
  }
}

TEST(AttentionSum, NothingSeenIsNothing) {
  AttentionSum sum;
  EXPECT_TRUE(sum.importance().empty());
  EXPECT_EQ(sum.layers(), 0U);
  EXPECT_EQ(sum.query_rows(), 0U);
  sum.add(by_hand(3).rows(1, 1));  // a batch of which no row counts
  EXPECT_TRUE(sum.importance().empty());
  EXPECT_EQ(sum.layers(), 0U);
}

TEST(AttentionSumDeathTest, WeightsThatDoNotFitTheirShapeAreRefused) {
  const Weights weights = by_hand();
  AttentionSum sum;
  const auto add_with = [&](auto change) {
    AttentionRows rows = weights.rows();
    change(rows);
    sum.add(rows);
  };
  EXPECT_DEATH(add_with([](AttentionRows& rows) { ++rows.keys; }), "weight for each key");
  EXPECT_DEATH(add_with([](AttentionRows& rows) { ++rows.heads; }), "weight for each key");
  EXPECT_DEATH(add_with([](AttentionRows& rows) { ++rows.query_end; }), "rows of the batch");
  EXPECT_DEATH(add_with([](AttentionRows& rows) { rows.keys = 0; }), "has keys");
  EXPECT_DEATH(add_with([](AttentionRows& rows) { rows.keys = positions_max + 1; }), "positions_max");
  EXPECT_DEATH(add_with([](AttentionRows& rows) { rows.layer = AttentionSum::layers_max; }), "layers_max");
  const std::vector<std::uint32_t> far(5, positions_max);
  EXPECT_DEATH(add_with([&](AttentionRows& rows) { rows.position_of = far; }), "position is below");
}

// A request: a batch of the prompt of which some rows count, then steps of one token, every layer each time.
RC_GTEST_PROP(AttentionSum, AgreesWithThePlainSum, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const auto layers = *rc::gen::inRange<std::uint32_t>(1, 5);
  const auto heads = *rc::gen::container<std::vector<std::uint32_t>>(layers, rc::gen::inRange<std::uint32_t>(1, 34));
  const auto prompt = *rc::gen::inRange<std::uint32_t>(1, 40);
  const auto begin = *rc::gen::inRange<std::uint32_t>(0, prompt);
  const auto steps = *rc::gen::inRange<std::uint32_t>(0, 8);
  const auto padding = *rc::gen::element<std::uint32_t>(1, 8, 32);
  AttentionSum sum(prompt);
  PlainSum plain;
  for (std::uint32_t step = 0; step <= steps; ++step) {
    const std::uint32_t used = prompt + step;
    const std::uint32_t keys = (used + padding - 1) / padding * padding;
    for (std::uint32_t layer = 0; layer < layers; ++layer) {
      const std::uint32_t queries = step == 0 ? prompt : 1;
      const Weights weights = random_weights(random, layer, keys, used, queries, heads[layer]);
      sum.add(weights.rows(step == 0 ? begin : 0, queries));
      plain.add(weights, step == 0 ? begin : 0, queries);
    }
  }
  const std::vector<double> found = sum.importance();
  const std::vector<double> expected = plain.importance();
  RC_ASSERT(found.size() == expected.size());
  for (std::size_t at = 0; at < found.size(); ++at) RC_ASSERT(std::abs(found[at] - expected[at]) <= 1e-5);
  // Rows sum to 1, so the importances sum to the number of rows.
  RC_ASSERT(sum.query_rows() == prompt - begin + steps);
  const double all = std::accumulate(found.begin(), found.end(), 0.0);
  RC_ASSERT(std::abs(all - static_cast<double>(sum.query_rows())) <= 1e-4);
}

RC_GTEST_PROP(AttentionSum, TheOrderOfHeadsAndRowsMakesNoDifference, ()) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const auto heads = *rc::gen::inRange<std::uint32_t>(1, 20);
  const auto queries = *rc::gen::inRange<std::uint32_t>(1, 20);
  const auto keys = *rc::gen::inRange<std::uint32_t>(1, 70);
  Weights weights = random_weights(random, 0, keys, keys, queries, heads);
  std::vector<std::uint32_t> head_order(heads);
  std::vector<std::uint32_t> row_order(queries);
  std::iota(head_order.begin(), head_order.end(), 0U);
  std::iota(row_order.begin(), row_order.end(), 0U);
  std::ranges::shuffle(head_order, random);
  std::ranges::shuffle(row_order, random);
  Weights shuffled = weights;
  for (std::uint32_t head = 0; head < heads; ++head) {
    for (std::uint32_t row = 0; row < queries; ++row) {
      for (std::uint32_t key = 0; key < keys; ++key)
        shuffled.at(head, row, key) = weights.at(head_order[head], row_order[row], key);
    }
  }
  AttentionSum one;
  AttentionSum other;
  one.add(weights.rows());
  other.add(shuffled.rows());
  for (std::uint32_t key = 0; key < keys; ++key)
    RC_ASSERT(std::abs(one.importance()[key] - other.importance()[key]) <= 1e-6);
}

}  // namespace
}  // namespace fovea
