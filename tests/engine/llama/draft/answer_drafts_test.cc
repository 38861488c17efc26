#include "engine/llama/draft/answer_drafts.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

using Tokens = std::vector<std::int32_t>;

AnswerDrafts drafts_of(const Tokens& text, bool prediction = false) {
  return AnswerDrafts({}, std::vector<DraftText>{{.tokens = text, .prediction = prediction}});
}

TEST(AnswerDrafts, OddsFallFromTokenToToken) {
  const auto odds = drafts_of({1, 2, 3, 4, 5}).odds(4);
  ASSERT_EQ(odds.size(), 4u);
  for (std::size_t i = 1; i < odds.size(); ++i) EXPECT_LT(odds[i], odds[i - 1]);
  EXPECT_EQ(drafts_of({1, 2}).odds(4).size(), 2u) << "no more than there are";
  EXPECT_TRUE(drafts_of({}).odds(4).empty());
}

TEST(AnswerDrafts, CountsWhatWasAccepted) {
  AnswerDrafts drafts = drafts_of({1, 2, 3, 4});
  drafts.draft(3);
  const auto drafted = drafts.drafted();
  EXPECT_EQ(Tokens(drafted.begin(), drafted.end()), (Tokens{1, 2, 3}));
  EXPECT_TRUE(drafts.append(1));
  EXPECT_TRUE(drafts.append(2));
  EXPECT_FALSE(drafts.append(9)) << "the rows behind do not count";
  EXPECT_EQ(drafts.counts().drafted, 3);
  EXPECT_EQ(drafts.counts().accepted, 2);
  EXPECT_EQ(drafts.predicted().drafted, 0);
  EXPECT_FALSE(drafts.append(3)) << "guessed right, but not drafted";
  EXPECT_EQ(drafts.counts().accepted, 2);
}

TEST(AnswerDrafts, TheTokenBehindAWholeDraftWasNotDrafted) {
  AnswerDrafts drafts = drafts_of({1, 2, 3}, true);
  drafts.draft(1);
  EXPECT_TRUE(drafts.append(1));
  EXPECT_FALSE(drafts.append(2));
  EXPECT_EQ(drafts.predicted().drafted, 1);
  EXPECT_EQ(drafts.predicted().accepted, 1);
}

TEST(AnswerDrafts, ProposalsOfAModelAreCountedAndLearntFrom) {
  AnswerDrafts drafts({}, {}, {1, 2});
  const double before = drafts.trust().odds(1).front();
  drafts.draft_proposed({3, 4}, 3);
  EXPECT_TRUE(drafts.append(3));
  EXPECT_TRUE(drafts.append(4));
  EXPECT_EQ(drafts.trust().asked_max(), 3u);
  EXPECT_GT(drafts.trust().odds(1).front(), before);
  EXPECT_FALSE(drafts.append(5)) << "asked for, and not proposed";
  EXPECT_LT(drafts.trust().odds(1).front(), before);
  const double seen = drafts.trust().odds(1).front();
  drafts.append(6);
  EXPECT_DOUBLE_EQ(drafts.trust().odds(1).front(), seen) << "nothing was asked for";
  const auto text = drafts.text();
  EXPECT_EQ(Tokens(text.begin(), text.end()), (Tokens{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(drafts.counts().drafted, 2);
  EXPECT_EQ(drafts.counts().accepted, 2);
  EXPECT_EQ(drafts.predicted().drafted, 0);
}

TEST(AnswerDrafts, LearnsFromGuessesThatWereNotDrafted) {
  const Tokens text(40, 7);
  AnswerDrafts right = drafts_of(text), wrong = drafts_of(text);
  const double before = right.odds(1).front();
  for (const std::int32_t token : {7, 8, 7, 8, 7, 8}) wrong.append(token);
  for (int i = 0; i < 6; ++i) right.append(7);
  EXPECT_GT(right.odds(1).front(), before);
  EXPECT_LT(wrong.odds(1).front(), right.odds(1).front());
}

}  // namespace
}  // namespace fovea::llama
