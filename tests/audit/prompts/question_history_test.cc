#include "audit/prompts/question_history.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(QuestionHistory, TellsRepeatsFromOtherSettings) {
  QuestionHistory history;
  const QuestionVerdict first = history.see(7, 1);
  EXPECT_FALSE(first.again);
  EXPECT_FALSE(first.prompt_again);
  EXPECT_EQ(first.number, 0U);
  const QuestionVerdict repeat = history.see(7, 1);
  EXPECT_TRUE(repeat.again);
  EXPECT_TRUE(repeat.prompt_again);
  EXPECT_EQ(repeat.number, 0U);
  const QuestionVerdict other = history.see(7, 2);
  EXPECT_FALSE(other.again);
  EXPECT_TRUE(other.prompt_again);
  EXPECT_EQ(other.number, 1U);
  EXPECT_FALSE(history.see(8, 1).prompt_again);
  EXPECT_EQ(history.size(), 3U);
}

TEST(QuestionHistory, APromptThatWasCutIsNoQuestion) {
  QuestionHistory history;
  history.see(PromptTree::none, 1);
  const QuestionVerdict verdict = history.see(PromptTree::none, 1);
  EXPECT_FALSE(verdict.again);
  EXPECT_EQ(verdict.number, QuestionVerdict::no_number);
}

}  // namespace
}  // namespace fovea
