#include "profile/draft_gain.h"

#include <gtest/gtest.h>

#include <vector>

namespace fovea {
namespace {

const std::vector<BatchTime> batches = {{1, 10}, {2, 15}, {4, 20}, {8, 40}};

TEST(DraftGain, StepsBetweenMeasuredOnesLieOnTheLine) {
  EXPECT_EQ(step_ms(batches, 1), 10);
  EXPECT_EQ(step_ms(batches, 2), 15);
  EXPECT_EQ(step_ms(batches, 3), 17.5);
  EXPECT_EQ(step_ms(batches, 6), 30);
  EXPECT_EQ(step_ms(batches, 12), 60) << "beyond the last, the last line goes on";
  EXPECT_EQ(step_ms(std::vector<BatchTime>{{1, 10}}, 9), 10);
}

// Three right drafts: four tokens in 20 ms and not in 40. None right: one token in 20 ms and not in 10.
TEST(DraftGain, IsWhatOneCountsByHand) {
  EXPECT_DOUBLE_EQ(draft_gain(batches, 3, 1), 2);
  EXPECT_DOUBLE_EQ(draft_gain(batches, 3, 0), 0.5);
  EXPECT_DOUBLE_EQ(draft_gain(batches, 1, 0.5), 1.5 * 10 / 15);
  EXPECT_DOUBLE_EQ(draft_gain(batches, 0, 0.7), 1) << "nothing drafted, nothing gained";
}

TEST(DraftGain, BreaksEvenWhereTheGainIsOne) {
  EXPECT_NEAR(break_even(batches, 1).value(), 0.5, 1e-9) << "1 + a = 15 / 10";
  EXPECT_NEAR(draft_gain(batches, 3, break_even(batches, 3).value()), 1, 1e-9);
  const std::vector<BatchTime> dear = {{1, 10}, {2, 30}};
  EXPECT_FALSE(break_even(dear, 1)) << "two tokens at once take longer than one after another";
  const std::vector<BatchTime> free = {{1, 10}, {2, 10}};
  EXPECT_NEAR(break_even(free, 1).value(), 0, 1e-9);
}

}  // namespace
}  // namespace fovea
