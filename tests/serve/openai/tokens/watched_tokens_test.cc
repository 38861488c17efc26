#include "serve/openai/tokens/watched_tokens.h"

#include <gtest/gtest.h>

#include <vector>

#include "pipeline/scripted_engine.h"

namespace fovea::serve {
namespace {

// The engine's tokens are characters: token 'a' has the byte "a". Logits of all characters up to 'z', where
// 'a' is likelier than 'b' and all others are unlikely.
std::vector<float> logits() {
  std::vector<float> all('z' + 1, -50);
  all['a'] = 2;
  all['b'] = 1;
  return all;
}

TEST(WatchedTokens, TellsTheChosenOneAndTheLikeliest) {
  const fovea::test::ScriptedEngine engine;
  WatchedTokens tokens(engine, 2);
  const std::vector<float> odds = logits();
  tokens.add({'b', odds});
  const ChosenTokens taken = tokens.take().value();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].chosen.bytes, "b");
  EXPECT_NEAR(taken[0].chosen.log_probability, -1.3133, 1e-3);
  ASSERT_EQ(taken[0].likeliest.size(), 2U);
  EXPECT_EQ(taken[0].likeliest[0].bytes, "a");
  EXPECT_EQ(taken[0].likeliest[1].bytes, "b");
  EXPECT_TRUE(tokens.take().value().empty()) << "they were taken";
}

TEST(WatchedTokens, TheEndOfTheTextIsNoToken) {
  const fovea::test::ScriptedEngine engine;
  WatchedTokens tokens(engine, 0);
  tokens.add({0, {}});
  EXPECT_TRUE(tokens.take().value().empty());
}

TEST(WatchedTokens, WatchesNothingWhereNothingIsAsked) {
  const fovea::test::ScriptedEngine engine;
  WatchedTokens tokens(engine, std::nullopt);
  EXPECT_FALSE(tokens.wanted());
  EXPECT_EQ(tokens.take(), std::nullopt);
}

}  // namespace
}  // namespace fovea::serve
