#include "engine/llama/decode/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "engine/made_vocabulary.h"
#include "engine/vocabulary.h"

namespace fovea::llama {
namespace {

constexpr const char* colour_schema = R"({"type":"object","properties":{"colour":{"enum":["red","blue"]}},)"
                                      R"("required":["colour"],"additionalProperties":false})";

class SamplerTest : public testing::Test {
 protected:
  Sampler sampler(const GenerateOptions& options) { return Sampler::make(vocabulary.get(), options, 64).value(); }
  Fault fault(const GenerateOptions& options) {
    const auto made = Sampler::make(vocabulary.get(), options, 64);
    EXPECT_FALSE(made);
    return made ? Fault::internal : made.error().fault;
  }
  // Logits of 0 but for these tokens.
  std::vector<float> logits(std::initializer_list<std::pair<llama_token, float>> of) const {
    std::vector<float> all(static_cast<std::size_t>(vocabulary.size()), 0);
    for (const auto& [token, logit] : of) all[static_cast<std::size_t>(token)] = logit;
    return all;
  }
  // The text that is sampled when the logits are always the same, to the end of the answer or 200 tokens.
  std::string written(Sampler made, const std::vector<float>& wants) {
    std::string text;
    for (int i = 0; i < 200; ++i) {
      const llama_token token = made.sample(wants);
      if (llama_vocab_is_eog(&vocabulary.get(), token)) return text;
      text += token_text(&vocabulary.get(), token, false);
    }
    return text + "...";
  }

  test::Vocabulary vocabulary;
  const llama_token a = vocabulary.of('a');
  const llama_token b = vocabulary.of('b');
};

TEST_F(SamplerTest, GreedyTakesTheLikeliest) { EXPECT_EQ(sampler({}).sample(logits({{a, 2}, {b, 3}})), b); }

TEST_F(SamplerTest, OfEqualTokensGreedyTakesTheFirstAsTheLibraryDoes) {
  const auto wants = logits({{a, 3}, {b, 3}});
  EXPECT_EQ(sampler({}).sample(wants), std::min(a, b));
  // A bias that changes nothing has the library's own sampler choose.
  EXPECT_EQ(sampler({.logit_bias = {{vocabulary.of('c'), 0}}}).sample(wants), std::min(a, b));
}

TEST_F(SamplerTest, ABiasMovesTheChoice) {
  EXPECT_EQ(sampler({.logit_bias = {{a, 1.5}}}).sample(logits({{a, 2}, {b, 3}})), a);
  EXPECT_EQ(sampler({.logit_bias = {{a, 0.5}}}).sample(logits({{a, 2}, {b, 3}})), b);
  EXPECT_EQ(sampler({.logit_bias = {{b, -100}}}).sample(logits({{a, 2}, {b, 30}})), a);
  EXPECT_EQ(sampler({.logit_bias = {{a, 0.6}, {a, 0.6}}}).sample(logits({{a, 2}, {b, 3}})), a);
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    EXPECT_NE(sampler({.temperature = 1, .seed = seed, .logit_bias = {{b, -100}}}).sample(logits({{b, 20}})), b);
  }
}

TEST_F(SamplerTest, AFrequencyPenaltyCountsEachTime) {
  Sampler made = sampler({.frequency_penalty = 0.5});
  const auto wants = logits({{a, 3}, {b, 1.75}});
  // 3, 2.5, 2 and then 1.5 are left of the first.
  EXPECT_EQ(made.sample(wants), a);
  EXPECT_EQ(made.sample(wants), a);
  EXPECT_EQ(made.sample(wants), a);
  EXPECT_EQ(made.sample(wants), b);
}

TEST_F(SamplerTest, APresencePenaltyCountsOnce) {
  const auto wants = logits({{a, 3}, {b, 2.25}});
  Sampler weak = sampler({.presence_penalty = 0.5});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(weak.sample(wants), a);
  Sampler strong = sampler({.presence_penalty = 1});
  EXPECT_EQ(strong.sample(wants), a);
  EXPECT_EQ(strong.sample(wants), b);  // 2 of the first
  EXPECT_EQ(strong.sample(wants), a);  // 1.25 of the second
}

TEST_F(SamplerTest, PenaltiesReachBackToTheBeginningOfTheAnswer) {
  Sampler made = Sampler::make(vocabulary.get(), {.presence_penalty = 2}, 100).value();
  EXPECT_EQ(made.sample(logits({{a, 3}})), a);
  for (int i = 0; i < 98; ++i) made.sample(logits({{b, 9}}));
  EXPECT_EQ(made.sample(logits({{a, 3}, {vocabulary.of('c'), 2}})), vocabulary.of('c'));
}

TEST_F(SamplerTest, RefusesNumbersOutOfTheirRange) {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {-2.1, 2.1, nothing, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(fault({.frequency_penalty = bad}), Fault::invalid);
    EXPECT_EQ(fault({.presence_penalty = bad}), Fault::invalid);
  }
  for (const double bad : {-100.5, 100.5, nothing}) EXPECT_EQ(fault({.logit_bias = {{a, bad}}}), Fault::invalid);
  EXPECT_EQ(fault({.logit_bias = {{-1, 0}}}), Fault::invalid);
  EXPECT_EQ(fault({.logit_bias = {{vocabulary.size(), 0}}}), Fault::invalid);
  EXPECT_EQ(fault({.logit_bias = std::vector<LogitBias>(2000, {a, 1})}), Fault::invalid);
  EXPECT_EQ(fault({.temperature = -1}), Fault::invalid);
  EXPECT_EQ(fault({.temperature = nothing}), Fault::invalid);
  EXPECT_EQ(fault({.top_p = 1.5}), Fault::invalid);
  EXPECT_EQ(fault({.top_k = -1}), Fault::invalid);
  EXPECT_EQ(fault({.min_p = -0.1}), Fault::invalid);
  EXPECT_EQ(fault({.json_schema = "colour"}), Fault::invalid);
  EXPECT_EQ(fault({.json_schema = R"({"type":"string","pattern":"a*"})"}), Fault::unsupported);
}

TEST_F(SamplerTest, ASchemaMakesTheAnswerFit) {
  // The logits are always the same, and the text fits nonetheless.
  const auto spaces = logits({{vocabulary.of(' '), -9}, {vocabulary.of('\n'), -9}, {vocabulary.of('b'), 5}});
  EXPECT_EQ(written(sampler({.json_schema = colour_schema}), spaces), R"({"colour":"blue"})");
  const auto red = logits({{vocabulary.of(' '), -9}, {vocabulary.of('\n'), -9}, {vocabulary.of('r'), 5}});
  EXPECT_EQ(written(sampler({.json_schema = colour_schema}), red), R"({"colour":"red"})");
}

TEST_F(SamplerTest, ASchemaHoldsWhateverIsDrawn) {
  std::set<std::string> drawn;
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const GenerateOptions options{.temperature = 1, .top_p = 0.9, .seed = seed, .json_schema = colour_schema};
    std::string text = written(sampler(options), logits({}));
    EXPECT_EQ(text, written(sampler(options), logits({})));
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
    drawn.insert(text);
  }
  EXPECT_EQ(drawn, (std::set<std::string>{R"({"colour":"blue"})", R"({"colour":"red"})"}));
}

TEST_F(SamplerTest, ADrawUnderASchemaHasTheOddsOfTheFittingTokens) {
  // Two tokens fit, one three times as likely as the other. Tokens that do not fit are mostly likelier.
  const llama_token one = vocabulary.of('1');
  const llama_token two = vocabulary.of('2');
  for (const float unfit : {-20.0f, 0.0f, 2.0f}) {
    std::vector<float> wants(static_cast<std::size_t>(vocabulary.size()), unfit - 6);
    for (const char other : {'a', 'b', 'c'}) wants[static_cast<std::size_t>(vocabulary.of(other))] = unfit;
    wants[static_cast<std::size_t>(one)] = 0;
    wants[static_cast<std::size_t>(two)] = std::log(3.0f);
    int twos = 0;
    constexpr int draws = 400;
    for (std::uint32_t seed = 0; seed < draws; ++seed) {
      const GenerateOptions options{.temperature = 1, .seed = seed, .json_schema = R"({"enum":[1,2]})"};
      const llama_token token = sampler(options).sample(wants);
      ASSERT_TRUE(token == one || token == two);
      twos += token == two;
    }
    EXPECT_NEAR(twos, draws * 3 / 4, 35) << unfit;  // four standard deviations
  }
}

TEST_F(SamplerTest, TheAnswerEndsWhereTheJsonDoesAndNotBefore) {
  const auto ends = logits({{vocabulary.end(), 9}});
  EXPECT_EQ(written(sampler({}), ends), "");
  EXPECT_EQ(written(sampler({.json_schema = R"({"const":[1,"b"]})"}), ends), R"([1,"b"])");
  EXPECT_EQ(written(sampler({.json_schema = R"({"const":7})"}), logits({{a, 9}})), "7");
}

TEST_F(SamplerTest, SpecialTokensAreNoTextOfAnAnswer) {
  const llama_token user = 1216;
  ASSERT_EQ(token_text(&vocabulary.get(), user, true), "<|user|>");
  Sampler made = sampler({.json_schema = R"({"enum":["<|user|>"]})"});
  EXPECT_EQ(written(std::move(made), logits({{user, 9}})), R"("<|user|>")");
}

GenerateOptions calling(ToolChoice choice) {
  return {.tools = {.tools = {{.name = "find", .parameters = colour_schema}}, .choice = choice}};
}

TEST_F(SamplerTest, ACallThatIsRequiredIsWrittenWhateverTheModelWants) {
  const auto spaces = logits({{vocabulary.of(' '), -9}, {vocabulary.of('\n'), -9}, {vocabulary.end(), 5}});
  EXPECT_EQ(
      written(Sampler::make(vocabulary.get(), calling(ToolChoice::required), 64, ToolFormat::hermes).value(), spaces)
          .substr(0, 60),
      R"(<tool_call>{"name":"find","arguments":{"colour":"blue"}}</to)");
  const std::string mistral = written(
      Sampler::make(vocabulary.get(), calling(ToolChoice::required), 64, ToolFormat::mistral_args).value(), spaces);
  EXPECT_TRUE(mistral.starts_with("[TOOL_CALLS]find[ARGS]{")) << mistral;
}

TEST_F(SamplerTest, FreeTextMayHaveTokensThatNoAnswerShows) {
  const llama_token user = 1216;
  const GenerateOptions options = calling(ToolChoice::automatic);
  Sampler made = Sampler::make(vocabulary.get(), options, 64, ToolFormat::hermes).value();
  EXPECT_EQ(made.sample(logits({{a, 9}})), a);
  EXPECT_EQ(made.sample(logits({{user, 9}})), user);
  EXPECT_EQ(made.sample(logits({{b, 9}})), b);
  for (const char c : std::string_view("<tool_call>")) {
    ASSERT_EQ(made.sample(logits({{vocabulary.of(c), 9}})), vocabulary.of(c));
  }
  EXPECT_NE(made.sample(logits({{user, 9}})), user) << "a call has begun";
  EXPECT_NE(made.sample(logits({{vocabulary.end(), 9}})), vocabulary.end());
}

TEST_F(SamplerTest, WithoutACallTheTextIsTheSame) {
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    GenerateOptions plain{.temperature = 1, .seed = seed};
    GenerateOptions with = calling(ToolChoice::automatic);
    with.temperature = 1;
    with.seed = seed;
    const auto wants = logits({{vocabulary.end(), 4}, {a, 6}, {b, 6}});
    // Tokens that are no whole character are the only ones that a grammar of text refuses.
    std::vector<float> ascii = wants;
    for (llama_token token = 0; token < vocabulary.size(); ++token) {
      const std::string text = token_text(&vocabulary.get(), token, false);
      if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        ascii[static_cast<std::size_t>(token)] = -99;
    }
    EXPECT_EQ(written(sampler(plain), ascii), written(sampler(with), ascii));
  }
}

TEST_F(SamplerTest, ControlTokensOfACallAreWritten) {
  const fovea::test::MadeVocabulary made({{"[TOOL_CALLS]", fovea::test::MadeVocabulary::control},
                                          {"[ARGS]", fovea::test::MadeVocabulary::control},
                                          {"find", fovea::test::MadeVocabulary::normal},
                                          {"[INST]", fovea::test::MadeVocabulary::control}});
  const auto wants = [&](std::string_view text) {
    std::vector<float> all(static_cast<std::size_t>(llama_vocab_n_tokens(&made.get())), 0);
    all[static_cast<std::size_t>(made.of(text))] = 9;
    return all;
  };
  for (const ToolChoice choice : {ToolChoice::automatic, ToolChoice::required}) {
    Sampler chooses = Sampler::make(made.get(), calling(choice), 64, ToolFormat::mistral_args).value();
    EXPECT_EQ(chooses.sample(wants("[TOOL_CALLS]")), made.of("[TOOL_CALLS]"));
    EXPECT_EQ(chooses.sample(wants("find")), made.of("find"));
    EXPECT_NE(chooses.sample(wants("[INST]")), made.of("[INST]"));
  }
}

TEST_F(SamplerTest, WhereNothingFitsItSaysSo) {
  Sampler made = sampler({.json_schema = R"({"const":1})"});
  std::vector<float> impossible(static_cast<std::size_t>(vocabulary.size()), -std::numeric_limits<float>::infinity());
  impossible[static_cast<std::size_t>(a)] = 0;
  const AbortGuard guard;
  EXPECT_THROW(made.sample(impossible), std::exception);
}

}  // namespace
}  // namespace fovea::llama
