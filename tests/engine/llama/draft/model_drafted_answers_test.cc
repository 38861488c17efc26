// Answers that a second model drafts beside the same answers without drafts. The bundled model drafts for
// itself: it agrees with itself wherever there is no picture, so everything that it proposes is right.
#include <gtest/gtest.h>

#include <thread>

#include "engine/llama/draft/speaker.h"

namespace fovea::llama {
namespace {

LlamaOptions drafting_with_itself(DraftMode mode, std::uint32_t parallel = 1) {
  LlamaOptions options = options_of(mode, parallel);
  options.draft_model = test::tiny_model;
  return options;
}

class ModelDraftedAnswers : public testing::Test {
 protected:
  Speaker plain{options_of(DraftMode::off)};
  const std::string question = "What color is the square? It is";
};

TEST_F(ModelDraftedAnswers, AModelAgreesWithItself) {
  Speaker drafting(drafting_with_itself(DraftMode::on));
  ASSERT_TRUE(drafting.loaded->draft_model);
  const GenerateOptions options{.max_tokens = 40};
  std::int32_t drafted = 0;
  for (const std::string& asked : {question, std::string("Describe the picture:"), std::string("How many circles?")}) {
    const Said expected = plain.say(asked, options), said = drafting.say(asked, options);
    EXPECT_EQ(said.tokens, expected.tokens);
    EXPECT_EQ(said.generation.text, expected.generation.text);
    EXPECT_EQ(said.generation.drafts.accepted, said.generation.drafts.drafted);
    drafted += said.generation.drafts.drafted;
  }
  EXPECT_GT(drafted, 0);
}

TEST_F(ModelDraftedAnswers, WhatItDoesNotSeeIsOnlyAWrongDraft) {
  Speaker drafting(drafting_with_itself(DraftMode::on));
  const GenerateOptions options = plain.endless(40);
  expect_equal_but_for_rounding(drafting.say_of_picture(question, options), plain.say_of_picture(question, options));
  GenerateOptions hot = options;
  hot.temperature = 1.5;
  hot.seed = 3;
  const Said said = drafting.say(question, hot);
  EXPECT_EQ(said.tokens, drafting.chosen_again(said, hot));
}

TEST_F(ModelDraftedAnswers, ATurnGoesOnFromTheLastOne) {
  Speaker drafting(drafting_with_itself(DraftMode::on));
  const GenerateOptions options{.max_tokens = 20};
  const Said first = drafting.say(question, options);
  const std::string longer = question + first.generation.text + " and it is";
  const Said expected = plain.say(longer, options), said = drafting.say(longer, options);
  expect_equal_but_for_rounding(said, expected);
}

TEST_F(ModelDraftedAnswers, SeveralAreDraftedAtOnce) {
  Speaker together(drafting_with_itself(DraftMode::on, 2));
  const GenerateOptions options{.max_tokens = 30};
  const std::vector<std::string> questions = {"What color is it?", "Name a shape:"};
  std::vector<Said> said(questions.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < questions.size(); ++i)
      threads.emplace_back([&, i] { said[i] = together.say(questions[i], options); });
  }
  for (std::size_t i = 0; i < questions.size(); ++i)
    expect_equal_but_for_rounding(said[i], plain.say(questions[i], options));
}

TEST_F(ModelDraftedAnswers, AnswersEndWhereTheContextDoes) {
  LlamaOptions small = drafting_with_itself(DraftMode::on);
  LlamaOptions small_plain = options_of(DraftMode::off);
  small.ctx_size = small_plain.ctx_size = 256;
  Speaker drafting(small), alone(small_plain);
  const GenerateOptions options = alone.endless(220);
  const Said expected = alone.say(question, options), said = drafting.say(question, options);
  EXPECT_EQ(said.tokens.size(), 220u);
  expect_equal_but_for_rounding(said, expected);
}

TEST_F(ModelDraftedAnswers, ADraftModelIsInNoFingerprint) {
  const Speaker drafting(drafting_with_itself(DraftMode::automatic));
  EXPECT_EQ(drafting.loaded->text_fingerprint, plain.loaded->text_fingerprint);
  EXPECT_EQ(drafting.loaded->vision_fingerprint, plain.loaded->vision_fingerprint);
}

TEST_F(ModelDraftedAnswers, WhereNothingIsDraftedItIsNotLoaded) {
  EXPECT_FALSE(Speaker(drafting_with_itself(DraftMode::off)).loaded->draft_model);
  LlamaOptions watched = drafting_with_itself(DraftMode::on);
  watched.attention_layers = "all";
  EXPECT_FALSE(Speaker(watched).loaded->draft_model);
}

TEST_F(ModelDraftedAnswers, AFileThatCannotDraftIsRefusedAtTheStart) {
  LlamaOptions options = drafting_with_itself(DraftMode::on);
  options.model = test::tiny_model;
  options.mmproj = test::tiny_mmproj;
  options.draft_model = "/nowhere/draft.gguf";
  const auto loaded = LoadedModel::load(options);
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(loaded.error().message.contains("/nowhere/draft.gguf")) << loaded.error().message;
}

}  // namespace
}  // namespace fovea::llama
