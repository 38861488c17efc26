// Answers with drafts beside the same answers without: the tokens are the same, and every token is what the
// sampler chooses from the logits that were computed for it. A batch rounds in another way than a token
// alone, so where two tokens are equally likely to within that, either may follow.
#include <gtest/gtest.h>

#include <thread>

#include "base/scratch_folder.h"
#include "engine/llama/draft/speaker.h"
#include "engine/llama/synth/synth.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

Tokens with_every_third_wrong(Tokens tokens) {
  for (std::size_t i = 2; i < tokens.size(); i += 3) tokens[i] = tokens[i] == 5 ? 6 : 5;
  return tokens;
}

class DraftedAnswers : public testing::Test {
 protected:
  Speaker plain{options_of(DraftMode::off)};
  Speaker drafting{options_of(DraftMode::on)};
  const std::string question = "What color is the square? It is";
};

TEST_F(DraftedAnswers, RightDraftsAreAllAccepted) {
  const GenerateOptions options = plain.endless(40);
  const Said expected = plain.say(question, options);
  ASSERT_EQ(expected.tokens.size(), 40u);
  EXPECT_EQ(expected.generation.drafts.drafted, 0);
  const Said said = drafting.say(question, options, {{.tokens = expected.tokens, .prediction = true}});
  EXPECT_EQ(said.tokens, expected.tokens);
  EXPECT_EQ(said.generation.text, expected.generation.text);
  EXPECT_EQ(said.generation.drafts.accepted, said.generation.drafts.drafted);
  EXPECT_GE(said.generation.drafts.accepted, 32) << "of 40, one in each step is not drafted";
  EXPECT_EQ(said.generation.predicted.accepted, said.generation.drafts.accepted);
}

TEST_F(DraftedAnswers, WrongDraftsChangeNothing) {
  const GenerateOptions options = plain.endless(40);
  const Said expected = plain.say(question, options);
  for (const Tokens& text : {with_every_third_wrong(expected.tokens), Tokens(60, 5), Tokens{-7, 1 << 30, 3, -1}}) {
    const Said said = drafting.say(question, options, {{.tokens = text}});
    expect_equal_but_for_rounding(said, expected);
    EXPECT_LT(said.generation.drafts.accepted, said.generation.drafts.drafted);
    EXPECT_EQ(said.generation.predicted.drafted, 0);
  }
}

TEST_F(DraftedAnswers, EachTokenIsWhatTheSamplerChoosesFromItsLogits) {
  GenerateOptions hot = plain.endless(24), penalised = plain.endless(24), json{.max_tokens = 40};
  hot.temperature = 2;
  hot.top_p = 0.95;
  hot.seed = 7;
  penalised.frequency_penalty = 1.5;
  penalised.presence_penalty = 0.5;
  json.json_schema = R"({"type": "object", "properties": {"color": {"type": "string"}, "n": {"type": "integer"}},
                         "required": ["color", "n"], "additionalProperties": false})";
  for (const GenerateOptions& options : {hot, penalised, json}) {
    const Said expected = plain.say(question, options);
    for (const Tokens& text : {expected.tokens, with_every_third_wrong(expected.tokens)}) {
      const Said said = drafting.say(question, options, {{.tokens = text}});
      EXPECT_GT(said.generation.drafts.drafted, 0);
      EXPECT_EQ(said.tokens, drafting.chosen_again(said, options));
    }
  }
}

TEST_F(DraftedAnswers, AnswersEndWhereTheyWould) {
  GenerateOptions options = plain.endless(40);
  const Said whole = plain.say(question, options);
  const std::vector<DraftText> text = {{.tokens = whole.tokens}};
  for (const std::int32_t tokens_max : {1, 2, 7, 39}) {
    GenerateOptions shorter = options;
    shorter.max_tokens = tokens_max;
    const Said said = drafting.say(question, shorter, text);
    EXPECT_EQ(said.tokens, Tokens(whole.tokens.begin(), whole.tokens.begin() + tokens_max));
    EXPECT_EQ(said.generation.finish_reason, FinishReason::length);
    EXPECT_LT(said.generation.drafts.drafted, tokens_max);
  }
  options.stop = {whole.generation.text.substr(whole.generation.text.size() / 2, 3)};
  const Said expected = plain.say(question, options), said = drafting.say(question, options, text);
  EXPECT_EQ(said.generation.text, expected.generation.text);
  EXPECT_EQ(said.generation.stop, options.stop.front());
  EXPECT_EQ(said.tokens, expected.tokens) << "no token behind the one that ended it";
  const Said ended = drafting.say("What is red?", {}, text), own_end = plain.say("What is red?", {});
  EXPECT_EQ(ended.tokens, own_end.tokens);
  EXPECT_EQ(ended.generation.finish_reason, FinishReason::stop);
}

TEST_F(DraftedAnswers, ASequenceHoldsNothingOfWrongDrafts) {
  const GenerateOptions options = plain.endless(20);
  const std::vector<DraftText> wrong = {{.tokens = Tokens(40, 5)}};
  const Said first = drafting.say(question, options, wrong);
  ASSERT_LT(first.generation.drafts.accepted, first.generation.drafts.drafted);
  const std::string longer = question + first.generation.text + " and then";
  const Said expected = plain.say(longer, options), said = drafting.say(longer, options, wrong);
  EXPECT_GT(drafting.cached_items,
            LlamaLayout::make(*drafting.loaded, {.parts = {question}}, {}).value()->items().size())
      << "the answer is a part of the cached prefix";
  expect_equal_but_for_rounding(said, expected);
}

TEST_F(DraftedAnswers, SeveralAreDraftedInOneStep) {
  Speaker together(options_of(DraftMode::automatic, 3));
  const GenerateOptions options = plain.endless(30);
  const std::vector<std::string> questions = {"What color is it?", "Name a shape:", "How many are there?"};
  std::vector<Said> said(questions.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      threads.emplace_back([&, i] {
        const Said expected = together.say(questions[i], options);
        said[i] = together.say(questions[i], options, {{.tokens = expected.tokens}});
      });
    }
  }
  for (std::size_t i = 0; i < questions.size(); ++i)
    expect_equal_but_for_rounding(said[i], plain.say(questions[i], options));
}

class SynthesisedModel : public testing::Test {
 protected:
  Speaker speaker_of(const ModelShape& shape, DraftMode mode) {
    const auto pair = synthesise(shape, {.directory = folder.path()}).value();
    LlamaOptions options = options_of(mode);
    options.model = pair.decoder;
    options.mmproj = pair.mmproj;
    return Speaker(options);
  }
  ScratchFolder folder = ScratchFolder::make("fovea-drafts-").value();
};

TEST_F(SynthesisedModel, AnswersAreTheSame) {
  // Of Qwen's kind a picture has fewer positions than tokens.
  for (const ModelShape& shape : {test::small_idefics3(), test::small_windowed(), test::small_qwen25()}) {
    Speaker plain = speaker_of(shape, DraftMode::off), drafting = speaker_of(shape, DraftMode::on);
    const GenerateOptions options = plain.endless(30);
    const Said expected = plain.say_of_picture("abc", options);
    for (const Tokens& text : {expected.tokens, with_every_third_wrong(expected.tokens)}) {
      const Said said = drafting.say_of_picture("abc", options, {{.tokens = text}});
      EXPECT_GT(said.generation.drafts.accepted, 0) << shape.name;
      expect_equal_but_for_rounding(said, expected);
    }
  }
}

TEST_F(SynthesisedModel, AModelThatCannotGoBackGetsNoDrafts) {
  Speaker hybrid = speaker_of(test::small_hybrid(), DraftMode::on);
  EXPECT_TRUE(hybrid.loaded->draft_obstacle.contains("taken back"));
  const Said said = hybrid.say_of_picture("abc", hybrid.endless(10), {{.tokens = Tokens(40, 5)}});
  EXPECT_EQ(said.tokens.size(), 10u);
  EXPECT_EQ(said.generation.drafts.drafted, 0);
}

TEST(DraftObstacle, AnAnswerWhoseAttentionIsObservedGetsNoDrafts) {
  LlamaOptions options = options_of(DraftMode::on);
  options.attention_layers = "all";
  Speaker watched(options);
  EXPECT_TRUE(watched.loaded->draft_obstacle.contains("attention"));
  EXPECT_TRUE(Speaker(options_of(DraftMode::on)).loaded->draft_obstacle.empty());
  const Said said = watched.say("abc", watched.endless(10), {{.tokens = Tokens(40, 5)}});
  EXPECT_EQ(said.tokens.size(), 10u);
  EXPECT_EQ(said.generation.drafts.drafted, 0);
}

}  // namespace
}  // namespace fovea::llama
