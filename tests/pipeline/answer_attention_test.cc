// What an answer looked at, through the pipeline and real models: scored, kept as importance, shown on
// request, placed right.
#include "pipeline/answer_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "attention/regions.h"
#include "engine/models.h"
#include "image/decode.h"
#include "image/source.h"
#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

using test::engine_of;
using test::TestModel;

Request question(std::vector<ImageSource> sources, const std::string& text, bool attention) {
  Request request{
      .sources = std::move(sources), .options = {.max_tokens = 12}, .attention = attention, .no_cache_read = attention};
  Message user{"user", {}};
  for (std::size_t i = 0; i < request.sources.size(); ++i) user.parts.emplace_back(ImageSlot{i});
  user.parts.emplace_back(text);
  request.messages.push_back(std::move(user));
  return request;
}

// Two squares on white: a red one at the left, a blue one at the right.
const ImageSource two_squares = test::png(96, 96, [](std::uint32_t x, std::uint32_t y) -> test::Rgb {
  if (y < 36 || y >= 60) return {255, 255, 255};
  if (x >= 12 && x < 36) return {220, 38, 38};
  if (x >= 60 && x < 84) return {37, 82, 222};
  return {255, 255, 255};
});

Answer ask(Pipeline& pipeline, const Request& request) {
  auto answer = pipeline.answer(request);
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
  return answer.value_or(Answer{});
}

TEST(AnswerAttention, IsShownOnRequestAndKeptAsImportance) {
  Pipeline pipeline(engine_of(TestModel::tiny_watched), {});
  const Answer shown = ask(pipeline, question({two_squares}, "What color is the square?", true));
  ASSERT_TRUE(shown.attention);
  EXPECT_EQ(shown.report.response_bypass, Bypass::no_cache_read);
  ASSERT_EQ(shown.attention->pictures.size(), 1u);
  EXPECT_EQ(shown.attention->pictures[0].columns, 8u);
  EXPECT_TRUE(are_sound(shown.attention->runs));
  EXPECT_EQ(shown.attention->scores.size(), token_count(shown.attention->runs));
  EXPECT_TRUE(std::ranges::all_of(shown.attention->scores, [](float score) { return score >= 0 && score <= 1; }));
  EXPECT_GT(shown.attention->importance, 0);
  EXPECT_LE(shown.attention->importance, 1);
  EXPECT_EQ(shown.report.importance, shown.attention->importance);

  const Answer stored = ask(pipeline, question({two_squares}, "What color is the square?", false));
  EXPECT_EQ(stored.report.response, Outcome::hit);
  EXPECT_FALSE(stored.attention);
  EXPECT_FALSE(stored.report.importance) << "a hit looks at nothing";
}

TEST(AnswerAttention, IsNoneOfAnEngineThatTellsNothingOrWithoutAPicture) {
  Pipeline silent(engine_of(TestModel::tiny), {});
  const Answer answer = ask(silent, question({two_squares}, "What color is the square?", true));
  EXPECT_FALSE(answer.attention);
  EXPECT_FALSE(answer.report.importance);
  Pipeline watched(engine_of(TestModel::tiny_watched), {});
  EXPECT_FALSE(ask(watched, question({}, "What color is the square?", true)).attention);
}

TEST(AnswerAttention, AHitIsNotWatched) {
  test::ScriptedEngine engine;
  Pipeline pipeline(engine, {});
  ask(pipeline, question({two_squares}, "what?", false));
  EXPECT_EQ(engine.watches, 1);
  ask(pipeline, question({two_squares}, "what?", false));
  EXPECT_EQ(engine.watches, 1);
}

TEST(AnswerAttention, IsOnWhatWasAskedFor) {
  Pipeline pipeline(engine_of(TestModel::tiny_watched), {});
  for (const bool red : {true, false}) {
    const Answer answer =
        ask(pipeline, question({two_squares}, red ? "What shape is red?" : "What shape is blue?", true));
    EXPECT_EQ(answer.text, "square");
    ASSERT_TRUE(answer.attention);
    const auto regions = most_looked_at(answer.attention->pictures[0], 1);
    ASSERT_EQ(regions.size(), 1u);
    const float middle = regions[0].x + regions[0].width / 2;
    EXPECT_TRUE(red ? middle < 0.5F : middle > 0.5F) << middle;
  }
}

// Keys that were not computed in this request are looked at like any others: held by the decoder, or put back
// from a level.
TEST(AnswerAttention, AKeptPrefixChangesNothingOfIt) {
  const ImageSource other = test::plain_png(96, 96, {0, 160, 0});
  for (const TestModel model : {TestModel::tiny_watched, TestModel::idefics3_watched}) {
    Pipeline cold(engine_of(model), {.prefix_bytes_max = 0});
    const Answer expected = ask(cold, question({two_squares}, "What shape is blue?", true));
    ASSERT_TRUE(expected.attention);
    Pipeline kept(engine_of(model), {});
    ask(kept, question({two_squares}, "What color is the square?", true));
    for (const bool put_back : {false, true}) {
      if (put_back) ask(kept, question({other}, "What shape is blue?", true));
      const Answer answer = ask(kept, question({two_squares}, "What shape is blue?", true));
      EXPECT_EQ(answer.report.prefix, Outcome::hit);
      ASSERT_TRUE(answer.attention);
      EXPECT_EQ(answer.attention->received, expected.attention->received);
      EXPECT_EQ(answer.attention->scores, expected.attention->scores);
      EXPECT_EQ(answer.report.importance, expected.report.importance);
    }
    EXPECT_EQ(kept.stats().prefix.hits, 2u);
  }
}

TEST(AnswerAttention, CoversEveryPictureAndTile) {
  Pipeline pipeline(engine_of(TestModel::idefics3_watched), {});
  const ImageSource large = test::png(128, 64, [](std::uint32_t x, std::uint32_t y) -> test::Rgb {
    return {static_cast<std::uint8_t>(x), static_cast<std::uint8_t>(y), 0};
  });
  const Answer answer = ask(pipeline, question({large, two_squares}, "What is this?", true));
  ASSERT_TRUE(answer.attention);
  ASSERT_EQ(answer.attention->pictures.size(), 2u);
  for (const PictureMap& map : answer.attention->pictures)
    EXPECT_TRUE(std::ranges::all_of(map.scores, [](float score) { return score > 0; }));
  EXPECT_GT(answer.report.images[0].tiles, 1u);
}

// Changes a patch of a picture, sees which tiles the encoder would be fed otherwise, and compares with where
// they are said to lie.
TEST(AnswerAttention, TilesLieWhereThePictureWasCut) {
  VisionLanguageEngine& engine = engine_of(TestModel::idefics3_watched);
  constexpr std::uint32_t width = 192, height = 128;
  const auto picture = [&](double x, double y) {
    const ImageSource source = test::png(width, height, [=](std::uint32_t px, std::uint32_t py) -> test::Rgb {
      const bool patch = std::abs(px - x * width) < 5 && std::abs(py - y * height) < 5;
      return patch ? test::Rgb{255, 0, 0} : test::Rgb{90, 90, 90};
    });
    return decode(source.bytes.bytes()).value();
  };
  const auto inputs = [&](const DecodedImage& image) {
    const auto tiled = engine.preprocess(image).value();
    std::vector<Key> keys;
    for (std::size_t i = 0; i < tiled->tile_count(); ++i) keys.push_back(engine.tile_input(*tiled, i, {}).value());
    return keys;
  };
  const auto places = engine.tile_places(width, height, {});
  ASSERT_TRUE(places) << places.error().message;

  const std::vector<Key> before = inputs(picture(-1, -1));
  ASSERT_EQ(places->size(), before.size());
  ASSERT_GT(before.size(), 2u);
  for (const auto& [x, y] : {std::pair(0.1, 0.1), {0.9, 0.1}, {0.1, 0.9}, {0.9, 0.9}}) {
    const std::vector<Key> after = inputs(picture(x, y));
    for (std::size_t i = 0; i < before.size(); ++i) {
      const TilePlace& place = (*places)[i];
      const bool covers = x > place.x && x < place.x + place.width && y > place.y && y < place.y + place.height;
      EXPECT_EQ(before[i] != after[i], covers) << "tile " << i << ", patch at " << x << ", " << y;
    }
  }
}

}  // namespace
}  // namespace fovea
