#include "serve/model/prompt_json.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "pipeline/scripted_engine.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

TEST(PromptJson, ListsTokensAlsoWithTheirTexts) {
  fovea::test::ScriptedEngine engine;
  const PromptTokens tokens = {'A', std::nullopt, 0xC3};
  EXPECT_EQ(tokens_json(engine, tokens, {}), R"({"tokens":[65,0,195],"count":3,"max_model_len":1000})");
  EXPECT_EQ(value_at(tokens_json(engine, tokens, {.pieces = true}), "/tokens"),
            R"([{"id":65,"piece":"A"},{"id":0,"piece":""},{"id":195,"piece":[195]}])")
      << "a part of a character is bytes, and an image has no text";
  EXPECT_EQ(value_at(tokens_json(engine, tokens, {.strings = true}), "/token_strs"), "[\"A\",\"\",\"\xEF\xBF\xBD\"]");
}

TEST(PromptJson, ThePlacesOfAnImageHaveNoNumbers) {
  fovea::test::ScriptedEngine engine;
  const auto layout = engine.lay_out({{"a", ImageSlot{0}, "b"}}, {}).value();
  const PromptTokens tokens = tokens_of(*layout);
  ASSERT_EQ(tokens.size(), 82U);
  EXPECT_EQ(tokens.front(), 'a');
  EXPECT_EQ(tokens[1], std::nullopt);
  EXPECT_EQ(tokens[80], std::nullopt);
  EXPECT_EQ(tokens.back(), 'b');
}

// The engine's text is a token a character, and an image two tiles of 40 tokens.
LaidOut laid_out(const Prompt& prompt, std::vector<Key> keys) {
  fovea::test::ScriptedEngine engine;
  return {
      .prompt = prompt, .layout = engine.lay_out(prompt, {}).value(), .image_keys = std::move(keys), .image_sizes = {}};
}

TEST(PromptJson, ARenderedPromptSaysWhereItsImagesStand) {
  const Key first = KeyBuilder("first").finish(), second = KeyBuilder("second").finish();
  const LaidOut found = laid_out({{"ab", ImageSlot{1}, ImageSlot{0}, "c"}}, {first, second});
  const std::string json = render_json(found, {.max_tokens = 7}, "tiny");
  EXPECT_EQ(value_at(json, "/token_ids/0"), "97");
  EXPECT_EQ(value_at(json, "/token_ids/2"), "0");
  EXPECT_EQ(value_at(json, "/token_ids/162"), "99");
  EXPECT_EQ(value_at(json, "/token_ids/163"), "absent");
  EXPECT_EQ(value_at(json, "/features/mm_hashes/image"), "[\"" + second.hex() + "\",\"" + first.hex() + "\"]");
  EXPECT_EQ(value_at(json, "/features/mm_placeholders/image"),
            R"([{"offset":2,"length":80},{"offset":82,"length":80}])");
  EXPECT_EQ(value_at(json, "/sampling_params/max_tokens"), "7");
  EXPECT_EQ(value_at(json, "/model"), R"("tiny")");
}

TEST(PromptJson, WithoutImagesThereAreNoFeatures) {
  EXPECT_EQ(value_at(render_json(laid_out({{"ab"}}, {}), {}, "tiny"), "/features"), "null");
}

TEST(PromptJson, AnImageThatComesTwiceStandsInTwoPlaces) {
  const Key key = KeyBuilder("first").finish();
  const std::string json = render_json(laid_out({{ImageSlot{0}, ImageSlot{0}, "a"}}, {key}), {}, "tiny");
  EXPECT_EQ(value_at(json, "/features/mm_placeholders/image"),
            R"([{"offset":0,"length":80},{"offset":80,"length":80}])");
}

}  // namespace
}  // namespace fovea::serve
