#include "engine/llama/decode/answer_decoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/vocabulary.h"

namespace fovea::llama {
namespace {

class AnswerDecoderTest : public testing::Test {
 protected:
  AnswerDecoder answer_of(std::int32_t tokens_max, std::vector<std::string> stop = {}, bool watches = false) {
    return {vocabulary.get(), Sampler::make(vocabulary.get(), {}, tokens_max).value(),
            std::move(stop),  tokens_max,
            on_token,         watches};
  }
  // Logits under which `token` is chosen.
  std::vector<float> towards(llama_token token) const {
    std::vector<float> logits(static_cast<std::size_t>(vocabulary.size()), 0);
    logits[static_cast<std::size_t>(token)] = 5;
    return logits;
  }
  // Decodes `text` byte by byte; false once the answer ended.
  bool decode(AnswerDecoder& answer, std::string_view text) {
    for (const char byte : text) {
      if (!answer.choose(towards(vocabulary.of(byte)))) return false;
    }
    return true;
  }

  test::Vocabulary vocabulary;
  std::string streamed;
  const TokenCallback on_token = [this](const Token&, std::string_view text) { streamed += text; };
};

TEST_F(AnswerDecoderTest, EndsWithTheModelsToken) {
  AnswerDecoder answer = answer_of(10);
  ASSERT_TRUE(decode(answer, "red"));
  EXPECT_EQ(answer.token(), vocabulary.of('d'));
  EXPECT_FALSE(answer.choose(towards(vocabulary.end())));
  const Generation generation = answer.finish();
  EXPECT_EQ(generation.text, "red");
  EXPECT_EQ(generation.tokens, 3) << "the end is not counted";
  EXPECT_EQ(generation.finish_reason, FinishReason::stop);
  EXPECT_EQ(streamed, "red");
}

TEST_F(AnswerDecoderTest, EndsForItsLengthWithTheLastToken) {
  AnswerDecoder answer = answer_of(3);
  EXPECT_FALSE(decode(answer, "blue"));
  EXPECT_EQ(answer.finish().text, "blu");
  EXPECT_EQ(answer.finish().finish_reason, FinishReason::length);
  EXPECT_FALSE(answer_of(0).choose(towards(vocabulary.of('a')))) << "an answer of no token";
}

TEST_F(AnswerDecoderTest, EndsAtAStopStringAndHoldsBackItsBeginning) {
  AnswerDecoder answer = answer_of(20, {"END"});
  ASSERT_TRUE(decode(answer, "a EN"));
  EXPECT_EQ(streamed, "a ");
  EXPECT_FALSE(decode(answer, "D"));
  EXPECT_EQ(answer.finish().text, "a ");
  EXPECT_EQ(answer.finish().finish_reason, FinishReason::stop);
}

TEST_F(AnswerDecoderTest, ReleasesWhatWasHeldBackAtTheEnd) {
  AnswerDecoder answer = answer_of(20, {"END"});
  ASSERT_TRUE(decode(answer, "a EN"));
  EXPECT_EQ(answer.finish().text, "a EN");
  EXPECT_EQ(streamed, "a EN");
}

TEST_F(AnswerDecoderTest, OnlyControlTokensThatAreShownHaveText) {
  constexpr llama_token user = 1216, other = 1217;
  const auto text_of = [&](std::vector<llama_token> shown) {
    AnswerDecoder answer(vocabulary.get(), Sampler::make(vocabulary.get(), {}, 9).value(), {}, 9, on_token, false,
                         std::move(shown));
    for (const llama_token token : {vocabulary.of('a'), user, other, vocabulary.of('b')})
      EXPECT_TRUE(answer.choose(towards(token)) || token == vocabulary.of('b')) << token;
    return answer.finish().text;
  };
  EXPECT_EQ(text_of({}), "ab");
  EXPECT_EQ(text_of({user}), "a<|user|>b");
}

TEST_F(AnswerDecoderTest, SumsLogProbabilitiesIfItWatchesThem) {
  AnswerDecoder watching = answer_of(5, {}, true), other = answer_of(5);
  ASSERT_TRUE(decode(watching, "ab"));
  ASSERT_TRUE(decode(other, "ab"));
  const double one = 5 - std::log(std::exp(5.0) + vocabulary.size() - 1);
  EXPECT_NEAR(watching.log_probability(), 2 * one, 1e-6);
  EXPECT_EQ(other.log_probability(), 0);
}

}  // namespace
}  // namespace fovea::llama
