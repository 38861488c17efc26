#include "serve/openai/tokens/usage.h"

#include <gtest/gtest.h>

#include <array>

namespace fovea::serve::json {
namespace {

FinishedAnswer answer(std::int32_t prompt_tokens, std::int32_t answer_tokens, const RequestReport& report = {}) {
  return {{.prompt_tokens = prompt_tokens, .image_tokens = 4, .answer_tokens = answer_tokens, .report = report}, {}};
}

TEST(Usage, CountsAPromptOnceForAllItsChoices) {
  const std::array answers = {answer(10, 1), answer(10, 2), answer(20, 3), answer(20, 4)};
  const Usage of_two_prompts = usage_of(answers, 2);
  EXPECT_EQ(of_two_prompts.prompt_tokens, 30);
  EXPECT_EQ(of_two_prompts.completion_tokens, 10);
  EXPECT_EQ(of_two_prompts.total_tokens, 40);
  EXPECT_EQ(of_two_prompts.prompt_tokens_details.image_tokens, 8);
  EXPECT_EQ(usage_of(answers, 4).prompt_tokens, 10);
}

TEST(Usage, OfAStoredAnswerTheWholePromptIsCached) {
  EXPECT_EQ(usage_of(std::array{answer(10, 1, {.cached_tokens = 6})}, 1).prompt_tokens_details.cached_tokens, 6);
  EXPECT_EQ(usage_of(std::array{answer(10, 1, {.response = Outcome::hit})}, 1).prompt_tokens_details.cached_tokens, 10);
}

TEST(Usage, TellsApproximateTokensWhereNearFramesAreOn) {
  EXPECT_FALSE(usage_of(std::array{answer(10, 1)}, 1).prompt_tokens_details.approximate_tokens);
  const RequestReport near{.frames = FramesReport{.approximate_tokens = 3}}, exact{.frames = FramesReport{}};
  EXPECT_EQ(usage_of(std::array{answer(10, 1, exact)}, 1).prompt_tokens_details.approximate_tokens, 0);
  const std::array answers = {answer(10, 1, near), answer(10, 2, near), answer(10, 1, near)};
  EXPECT_EQ(usage_of(answers, 3).prompt_tokens_details.approximate_tokens, 3) << "a prompt counts once";
  EXPECT_EQ(usage_of(answers, 1).prompt_tokens_details.approximate_tokens, 9);
}

TEST(Timings, AreOfWhatWasComputed) {
  RequestReport report{.cached_tokens = 6};
  report.times.encode_ms = 30;
  report.times.prefill_ms = 10;
  report.times.generate_ms = 100;
  const Timings timings = timings_of(std::array{answer(10, 5, report)});
  EXPECT_EQ(timings.cache_n, 6);
  EXPECT_EQ(timings.prompt_n, 4);
  EXPECT_EQ(timings.prompt_ms, 40);
  EXPECT_EQ(timings.prompt_per_token_ms, 10);
  EXPECT_EQ(timings.prompt_per_second, 100);
  EXPECT_EQ(timings.predicted_n, 5);
  EXPECT_EQ(timings.predicted_per_token_ms, 20);
  EXPECT_EQ(timings.predicted_per_second, 50);
}

TEST(Usage, CountsWhatWasPredictedRightAndWrong) {
  const Usage usage =
      usage_of(std::array{answer(10, 1, {.predicted = {5, 3}}), answer(10, 1, {.predicted = {4, 4}})}, 2);
  EXPECT_EQ(usage.completion_tokens_details.accepted_prediction_tokens, 7);
  EXPECT_EQ(usage.completion_tokens_details.rejected_prediction_tokens, 2);
}

TEST(Timings, CountDraftedTokens) {
  const Timings timings = timings_of(std::array{answer(10, 5, {.drafts = {4, 3}})});
  EXPECT_EQ(timings.draft_n, 4);
  EXPECT_EQ(timings.draft_n_accepted, 3);
}

TEST(Timings, AreTheSumsOfAllChoices) {
  RequestReport first, second{.cached_tokens = 9};
  first.times.prefill_ms = 30;
  first.times.generate_ms = 100;
  second.times.prefill_ms = 3;
  second.times.generate_ms = 20;
  second.drafts = {4, 3};
  const Timings timings = timings_of(std::array{answer(10, 5, first), answer(10, 3, second)});
  EXPECT_EQ(timings.cache_n, 9);
  EXPECT_EQ(timings.prompt_n, 11);
  EXPECT_EQ(timings.prompt_ms, 33);
  EXPECT_EQ(timings.predicted_n, 8);
  EXPECT_EQ(timings.predicted_ms, 120);
  EXPECT_EQ(timings.predicted_per_token_ms, 15);
  EXPECT_EQ(timings.draft_n, 4);
}

TEST(Timings, AreZeroWhereNothingWasComputed) {
  const Timings timings = timings_of(std::array{answer(10, 5, {.response = Outcome::hit})});
  EXPECT_EQ(timings.prompt_n, 0);
  EXPECT_EQ(timings.prompt_per_token_ms, 0);
  EXPECT_EQ(timings.predicted_per_second, 0);
}

}  // namespace
}  // namespace fovea::serve::json
