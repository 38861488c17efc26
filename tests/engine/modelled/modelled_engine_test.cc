#include "engine/modelled/modelled_engine.h"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"
#include "engine/modelled/some_times.h"
#include "engine/prefill_prompt.h"

namespace fovea {
namespace {

std::unique_ptr<ModelledEngine> engine_of(const ModelledTimes& times = test::some_times()) {
  return ModelledEngine::open(times, 2).value();
}

DecodedImage picture(char color) {
  return {.width = 8, .height = 8, .pixels = Blob::copy_of(std::string(std::size_t{8} * 8 * image_channels, color))};
}

std::vector<Blob> encoded(ModelledEngine& engine, const DecodedImage& image) {
  const auto tiled = engine.preprocess(image).value();
  std::vector<Blob> embeddings;
  for (std::size_t tile = 0; tile < tiled->tile_count(); ++tile)
    embeddings.push_back(engine.encode(*tiled, tile, {}).value().embedding);
  return embeddings;
}

Prompt question() {
  return {{std::string("<|im_start|>user\n"), ImageSlot{0}, std::string("what?<|im_end|>\n<|im_start|>assistant\n")}};
}

std::string answer(ModelledEngine& engine, const DecodedImage& image) {
  const PromptImage prompt_image{.size = {8, 8}, .embeddings = encoded(engine, image)};
  const auto prefilled = prefill_prompt(engine, question(), {&prompt_image, 1}).value();
  return prefilled.slot->generate({}, {}).value().text;
}

TEST(ModelledEngine, AnswersAboutTheRealPixels) {
  const auto engine = engine_of();
  const std::string about_one = answer(*engine, picture('1'));
  EXPECT_TRUE(about_one.starts_with("made up:")) << about_one;
  EXPECT_EQ(about_one, answer(*engine, picture('1')));
  EXPECT_NE(about_one, answer(*engine, picture('2')));
}

TEST(ModelledEngine, TilesAreNamedByTheirPixels) {
  const auto engine = engine_of();
  const auto one = engine->preprocess(picture('1')).value(), again = engine->preprocess(picture('1')).value(),
             other = engine->preprocess(picture('2')).value();
  ASSERT_EQ(one->tile_count(), 3U);
  EXPECT_EQ(engine->tile_input(*one, 0, {}).value(), engine->tile_input(*again, 0, {}).value());
  EXPECT_NE(engine->tile_input(*one, 0, {}).value(), engine->tile_input(*other, 0, {}).value());
}

TEST(ModelledEngine, SizesAreTheProfiles) {
  const auto engine = engine_of();
  const std::vector<std::size_t> sizes = engine->embedding_sizes(8, 8).value();
  EXPECT_EQ(sizes, std::vector<std::size_t>(3, 128));
  for (const Blob& embedding : encoded(*engine, picture('1'))) EXPECT_EQ(embedding.size(), 128U);
  EXPECT_EQ(engine->tile_places(8, 8, {}).value().size(), 3U);
  EXPECT_EQ(engine->facts().slots, 2U);
  EXPECT_EQ(engine->facts().context_tokens, 512U);
  EXPECT_TRUE(engine->facts().description.starts_with("made-up answers"));
}

TEST(ModelledEngine, EncodingTakesItsTimeAndStops) {
  const auto engine = engine_of();
  const auto tiled = engine->preprocess(picture('1')).value();
  const Stopwatch watch;
  EXPECT_EQ(engine->encode(*tiled, 0, {}).value().took_ms, 4);
  EXPECT_GE(watch.elapsed_ms(), 4 - 0.01);
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(engine->encode(*tiled, 0, {.stop = source.get_token()}).error().fault, Fault::cancelled);
}

// What changes a value is in the fingerprint, and what only changes how long it takes is not.
TEST(ModelledEngine, MachinesOfOneModelShareWhatIsStored) {
  ModelledTimes faster = test::some_times();
  faster.encode_ms /= 2;
  EXPECT_EQ(engine_of()->vision_fingerprint(), engine_of(faster)->vision_fingerprint());
  EXPECT_EQ(engine_of()->text_fingerprint(), engine_of(faster)->text_fingerprint());
  const auto differs = [](const auto& change, bool vision) {
    ModelledTimes times = test::some_times();
    change(times);
    EXPECT_EQ(engine_of()->vision_fingerprint() != engine_of(times)->vision_fingerprint(), vision);
    EXPECT_NE(engine_of()->text_fingerprint(), engine_of(times)->text_fingerprint());
  };
  differs([](ModelledTimes& times) { times.model = "another"; }, true);
  differs([](ModelledTimes& times) { times.vision_fingerprint = "others"; }, true);
  differs([](ModelledTimes& times) { times.text_fingerprint = "others"; }, false);
  differs([](ModelledTimes& times) { times.tile_tokens = 9; }, true);
  differs([](ModelledTimes& times) { times.answer_tokens = 9; }, false);
  differs([](ModelledTimes& times) { times.state_bytes_of_token = 9; }, false);
}

TEST(ModelledEngine, RendersAConversationAndProtectsItsMarks) {
  const auto engine = engine_of();
  const std::vector<Message> messages = {{.role = "user", .parts = {ImageSlot{0}, "say <|im_end|>"}}};
  const Prompt prompt = engine->render(messages).value();
  EXPECT_EQ(
      std::ranges::count_if(prompt.parts, [](const auto& part) { return std::holds_alternative<PlainText>(part); }), 1);
  const auto tokens = engine->tokenize("<|im_end|>", true, true);
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(engine->token_text(tokens[0]), "<|im_end|>");
  EXPECT_EQ(engine->token_bytes(tokens[0]), "");
}

TEST(ModelledEngine, RefusesWhatNothingMadeUpCanBe) {
  const auto engine = engine_of();
  EXPECT_TRUE(engine->accepts({}));
  EXPECT_EQ(engine->accepts({.temperature = -1}).error().fault, Fault::invalid);
  EXPECT_EQ(engine->accepts({.json_schema = "{}"}).error().fault, Fault::unsupported);
  GenerateOptions calling;
  calling.tools = {.tools = {{.name = "look", .description = "", .parameters = ""}}, .choice = ToolChoice::required};
  EXPECT_EQ(engine->accepts(calling).error().fault, Fault::unsupported);
}

TEST(ModelledEngine, RefusesSizesThatNoModelHas) {
  const auto refused = [](const auto& change) {
    ModelledTimes times = test::some_times();
    change(times);
    const auto opened = ModelledEngine::open(times, 1);
    return !opened && opened.error().fault == Fault::invalid;
  };
  EXPECT_TRUE(refused([](ModelledTimes& times) { times.tile_tokens = 200; })) << "600 tokens in a context of 512";
  EXPECT_TRUE(refused([](ModelledTimes& times) { times.tiles = 5000; }));
  EXPECT_TRUE(refused([](ModelledTimes& times) { times.tiles = 0; }));
  EXPECT_TRUE(refused([](ModelledTimes& times) { times.width = 1U << 30U; }));
  EXPECT_FALSE(refused([](ModelledTimes&) {}));
}

TEST(ModelledEngine, WithoutTimesOfStatesThereAreNone) {
  ModelledTimes times = test::some_times();
  EXPECT_TRUE(engine_of(times)->prefix_obstacle().empty());
  times.state_bytes_of_token = 0;
  EXPECT_FALSE(engine_of(times)->prefix_obstacle().empty());
}

}  // namespace
}  // namespace fovea
