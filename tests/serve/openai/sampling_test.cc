#include "serve/openai/sampling.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

Parsed<GenerateOptions> sampling(const std::string& fields, const GenerateOptions& defaults = {}) {
  return read_sampling(body_of("{" + fields + "}"), defaults);
}

TEST(Sampling, ReadsEveryField) {
  const auto options = sampling(R"("temperature":0.5,"top_p":0.9,"min_p":0.1,"top_k":40,"frequency_penalty":-1,
      "presence_penalty":2,"max_tokens":7,"seed":42)");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->temperature, 0.5);
  EXPECT_EQ(options->top_p, 0.9);
  EXPECT_EQ(options->min_p, 0.1);
  EXPECT_EQ(options->top_k, 40);
  EXPECT_EQ(options->frequency_penalty, -1);
  EXPECT_EQ(options->presence_penalty, 2);
  EXPECT_EQ(options->max_tokens, 7);
  EXPECT_EQ(options->seed, 42U);
}

TEST(Sampling, LeavesTheDefaultsWhereNothingIsSaid) {
  const GenerateOptions defaults{.temperature = 0.3, .seed = 5, .max_tokens = 11, .stop = {"end"}};
  const auto options = sampling(R"("temperature":null,"stop":null,"seed":null,"max_tokens":null)", defaults);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->temperature, 0.3);
  EXPECT_EQ(options->seed, 5U);
  EXPECT_EQ(options->max_tokens, 11);
  EXPECT_EQ(options->stop, std::vector<std::string>{"end"});
}

TEST(Sampling, RefusesWhatIsOutOfRangeByName) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("temperature":-0.1)", "temperature"},
      {R"("temperature":5.1)", "temperature"},
      {R"("top_p":1.1)", "top_p"},
      {R"("min_p":-1)", "min_p"},
      {R"("top_k":-2)", "top_k"},
      {R"("top_k":2147483648)", "top_k"},
      {R"("frequency_penalty":2.1)", "frequency_penalty"},
      {R"("presence_penalty":-2.1)", "presence_penalty"},
      {R"("max_tokens":-2)", "max_tokens"},
      {R"("max_output_tokens":1048577)", "max_output_tokens"},
      {R"("max_completion_tokens":9223372036854775807)", "max_completion_tokens"},
      {R"("seed":9223372036854775808)", "seed"},
  };
  for (const auto& [fields, param] : cases)
    EXPECT_EQ(outcome(sampling(fields)), std::string("invalid_value ") + param) << fields;
  EXPECT_EQ(outcome(sampling(R"("max_tokens":1.5)")), "invalid_type max_tokens");
  EXPECT_EQ(outcome(sampling(R"("seed":"7")")), "invalid_type seed");
}

TEST(Sampling, TakesTheNewNameOfTheTokenLimitFirst) {
  EXPECT_EQ(sampling(R"("max_completion_tokens":3,"max_tokens":9)")->max_tokens, 3);
  EXPECT_EQ(sampling(R"("max_tokens":9,"max_completion_tokens":3)")->max_tokens, 3);
  EXPECT_EQ(sampling(R"("max_output_tokens":4)")->max_tokens, 4);
}

TEST(Sampling, KnowsWhereThereIsNoBound) {
  EXPECT_EQ(sampling(R"("max_tokens":0)")->max_tokens, 0);
  EXPECT_EQ(sampling(R"("n_predict":5)")->max_tokens, 5);
  for (const std::string name : {"max_tokens", "max_completion_tokens", "n_predict"})
    EXPECT_EQ(sampling('"' + name + R"(":-1)")->max_tokens, 1 << 20) << name;
  EXPECT_EQ(sampling(R"("top_k":-1)", {.top_k = 40})->top_k, 0);
  EXPECT_EQ(sampling(R"("seed":-1)", {.seed = 7})->seed, std::nullopt);
}

TEST(Sampling, TakesSeedsOfEverySize) {
  const auto seed = [](const std::string& number) { return *sampling("\"seed\":" + number)->seed; };
  EXPECT_EQ(seed("0"), 0U);
  EXPECT_EQ(seed("4294967295"), 4294967295U);
  const std::set<std::uint32_t> different = {seed("1"), seed("8589934592"), seed("-5"), seed("9223372036854775807")};
  EXPECT_EQ(different.size(), 4U);
  EXPECT_EQ(seed("-5"), seed("-5"));
}

TEST(Sampling, ReadsStopsAsOneOrAList) {
  EXPECT_EQ(sampling(R"("stop":"a")")->stop, std::vector<std::string>{"a"});
  EXPECT_EQ(sampling(R"("stop":["a","b"])")->stop, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sampling(R"("stop":[])", {.stop = {"default"}})->stop, std::vector<std::string>{});
  EXPECT_EQ(outcome(sampling(R"("stop":1)")), "invalid_type stop");
  EXPECT_EQ(outcome(sampling(R"("stop":["a",null])")), "invalid_type stop");
}

TEST(Sampling, HasAnEndToStops) {
  const auto stops = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += (i == 0 ? "\"" : ",\"") + std::to_string(i) + '"';
    return sampling("\"stop\":[" + list + "]");
  };
  EXPECT_EQ(stops(16)->stop.size(), 16U);
  EXPECT_EQ(outcome(stops(17)), "invalid_value stop");
  EXPECT_TRUE(sampling(R"("stop":")" + std::string(1024, 's') + '"'));
  EXPECT_EQ(outcome(sampling(R"("stop":")" + std::string(1025, 's') + '"')), "invalid_value stop");
}

TEST(Sampling, ReadsBiasesByTheTokensNumber) {
  const auto options = sampling(R"("logit_bias":{"50256":-100,"7":0.5,"8":null})");
  ASSERT_TRUE(options);
  ASSERT_EQ(options->logit_bias.size(), 2U);
  EXPECT_EQ(options->logit_bias[0].token, 50256);
  EXPECT_EQ(options->logit_bias[0].bias, -100);
  EXPECT_EQ(options->logit_bias[1].token, 7);
  EXPECT_EQ(options->logit_bias[1].bias, 0.5);
  for (const std::string key : {"", "cat", "-1", "1.5", " 1", "1 ", "0x1", "2147483648"})
    EXPECT_EQ(outcome(sampling(R"("logit_bias":{")" + key + R"(":1})")), "invalid_value logit_bias") << key;
  EXPECT_EQ(outcome(sampling(R"("logit_bias":{"1":101})")), "invalid_value logit_bias.1");
  EXPECT_EQ(outcome(sampling(R"("logit_bias":{"1":"much"})")), "invalid_type logit_bias.1");
  EXPECT_EQ(outcome(sampling(R"("logit_bias":[1])")), "invalid_type logit_bias");
}

TEST(Sampling, HasAnEndToBiases) {
  const auto biases = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    return sampling("\"logit_bias\":{" + list + "}");
  };
  EXPECT_EQ(biases(1024)->logit_bias.size(), 1024U);
  EXPECT_EQ(outcome(biases(1025)), "invalid_value logit_bias");
}

}  // namespace
}  // namespace fovea::serve
