#include "engine/llama/draft/ngram_drafter.h"

#include <gtest/gtest.h>

#include <numeric>

namespace fovea::llama {
namespace {

using Tokens = std::vector<std::int32_t>;

Tokens guessed(const NgramDrafter& drafter) {
  const auto tokens = drafter.guess().tokens;
  return {tokens.begin(), tokens.end()};
}

TEST(NgramDrafter, AnAnswerMayBeginAsTheLikeliestTextDoes) {
  const std::vector<DraftText> texts = {{.tokens = {5, 6, 7}}, {.tokens = {8, 9}}};
  const NgramDrafter drafter({}, texts);
  EXPECT_EQ(guessed(drafter), (Tokens{5, 6, 7}));
  EXPECT_EQ(drafter.guess().source, DraftSource::earlier);
  EXPECT_EQ(drafter.guess().run, 0u);
}

TEST(NgramDrafter, FollowsATextAsLongAsTheAnswerAgrees) {
  NgramDrafter drafter({}, std::vector<DraftText>{{.tokens = {5, 6, 7}, .prediction = true}});
  drafter.append(5);
  EXPECT_EQ(guessed(drafter), (Tokens{6, 7}));
  EXPECT_EQ(drafter.guess().source, DraftSource::prediction);
  EXPECT_EQ(drafter.guess().run, 1u);
  drafter.append(6);
  drafter.append(7);
  EXPECT_TRUE(guessed(drafter).empty()) << "the text has ended";
}

TEST(NgramDrafter, OneOtherTokenDoesNotEndTheText) {
  NgramDrafter drafter({}, std::vector<DraftText>{{.tokens = {1, 2, 3, 4, 5}}});
  drafter.append(1);
  drafter.append(99);
  EXPECT_EQ(guessed(drafter), (Tokens{3, 4, 5}));
  EXPECT_EQ(drafter.guess().run, 0u) << "nothing agrees yet";
  drafter.append(3);
  EXPECT_EQ(drafter.guess().run, 1u);
}

TEST(NgramDrafter, GoesToAnotherTextWhereThatAgreesMore) {
  NgramDrafter drafter({}, std::vector<DraftText>{{.tokens = {1, 2, 3, 4}}, {.tokens = {7, 8, 9, 10}}});
  drafter.append(1);
  drafter.append(7);
  EXPECT_EQ(guessed(drafter), (Tokens{3, 4})) << "one token in common is not enough";
  drafter.append(8);
  EXPECT_EQ(guessed(drafter), (Tokens{9, 10}));
}

TEST(NgramDrafter, FindsWhatThePromptAndTheAnswerSaidBefore) {
  NgramDrafter drafter(Tokens{1, 2, 3, 4, 5}, {});
  EXPECT_TRUE(guessed(drafter).empty());
  drafter.append(2);
  EXPECT_TRUE(guessed(drafter).empty()) << "a single token occurs anywhere";
  drafter.append(3);
  EXPECT_EQ(guessed(drafter), (Tokens{4, 5, 2, 3}));
  EXPECT_EQ(drafter.guess().source, DraftSource::own);
}

TEST(NgramDrafter, GuessesNoSeparatorAndNothingBehindIt) {
  NgramDrafter drafter(Tokens{1, 2, 3, -1, 4}, {});
  drafter.append(1);
  drafter.append(2);
  EXPECT_EQ(guessed(drafter), (Tokens{3}));
  drafter.append(3);
  EXPECT_TRUE(guessed(drafter).empty());
}

TEST(NgramDrafter, LooksAtABoundedPartOfPromptAndTexts) {
  Tokens prompt(NgramDrafter::prompt_tokens_max + 2);
  std::iota(prompt.begin(), prompt.end(), 0);
  NgramDrafter of_prompt(prompt, {});
  of_prompt.append(0);
  of_prompt.append(1);
  EXPECT_TRUE(guessed(of_prompt).empty());

  Tokens text(NgramDrafter::text_tokens_max + 2);
  std::iota(text.begin(), text.end(), 0);
  NgramDrafter of_text({}, std::vector<DraftText>{{.tokens = text}, {.tokens = {1, 2}}});
  EXPECT_EQ(guessed(of_text).size(), NgramDrafter::text_tokens_max);
}

}  // namespace
}  // namespace fovea::llama
