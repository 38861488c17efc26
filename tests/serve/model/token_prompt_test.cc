#include "serve/model/token_prompt.h"

#include <gtest/gtest.h>

#include <vector>

#include "pipeline/scripted_engine.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::outcome;

// The engine's tokens are characters.
class TokenPromptTest : public testing::Test {
 protected:
  TokenPromptTest() { engine_.model_facts.vocabulary = 128; }
  Parsed<std::string> prompt(const std::vector<std::int32_t>& tokens) {
    return prompt_of_tokens(engine_, tokens, "prompt");
  }
  fovea::test::ScriptedEngine engine_;
};

TEST_F(TokenPromptTest, IsTheTextThatTheEngineReadsAsTheseTokens) { EXPECT_EQ(prompt({'A', 'b'}), "Ab"); }

TEST_F(TokenPromptTest, RefusesNumbersThatAreNoTokens) {
  EXPECT_EQ(outcome(prompt({'A', 128})), "invalid_value prompt");
  EXPECT_EQ(outcome(prompt({-1})), "invalid_value prompt");
}

TEST_F(TokenPromptTest, RefusesMoreThanTheContextHolds) {
  engine_.model_facts.context_tokens = 4;
  EXPECT_EQ(prompt({'a', 'b', 'c'}), "abc");
  const auto refused = prompt({'a', 'b', 'c', 'd'});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().overflow, (ContextOverflow{.prompt_tokens = 4, .context_tokens = 4}));
}

}  // namespace
}  // namespace fovea::serve
