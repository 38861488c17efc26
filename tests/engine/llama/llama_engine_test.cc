#include "engine/llama/llama_engine.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "engine/models.h"
#include "engine/prefill_prompt.h"
#include "engine/tools/tool_call_reader.h"
#include "image/decode.h"
#include "pictures/sources.h"

namespace fovea::llama {
namespace {

std::unique_ptr<LlamaEngine> open_tiny(std::uint32_t ctx_size = 0) {
  auto engine = LlamaEngine::open({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = ctx_size});
  EXPECT_TRUE(engine) << (engine ? "" : engine.error().message);
  return engine ? std::move(*engine) : nullptr;
}

DecodedImage image_of(const ImageSource& source) { return decode(source.bytes.bytes()).value(); }

// A red square on white, of any size.
DecodedImage red_square(std::uint32_t width = 96, std::uint32_t height = 96) {
  return image_of(test::png(width, height, [&](std::uint32_t x, std::uint32_t y) -> test::Rgb {
    const bool inside = x > width / 4 && x < width * 3 / 4 && y > height / 4 && y < height * 3 / 4;
    return inside ? test::Rgb{220, 40, 40} : test::Rgb{255, 255, 255};
  }));
}

class TinyEngine : public testing::Test {
 protected:
  PromptImage embedded(const DecodedImage& image) {
    auto tiled = engine->preprocess(image).value();
    PromptImage prompt_image{{image.width, image.height}, {}};
    for (std::size_t i = 0; i < tiled->tile_count(); ++i)
      prompt_image.embeddings.push_back(engine->encode(*tiled, i, {}).value().embedding);
    return prompt_image;
  }

  Prompt prompt(const std::string& question) {
    return engine->render(std::vector<Message>{{"user", {ImageSlot{0}, question}}}).value();
  }

  Result<Generation> ask(const std::string& question, const GenerateOptions& options = {},
                         const TokenCallback& on_token = {}, std::stop_token stop = {}) {
    const std::vector<PromptImage> images = {embedded(red_square())};
    auto prefilled = prefill_prompt(*engine, prompt(question), images, nullptr, std::move(stop));
    if (!prefilled) return std::unexpected(prefilled.error());
    return prefilled->slot->generate(options, on_token);
  }

  std::unique_ptr<LlamaEngine> engine = open_tiny();
};

TEST_F(TinyEngine, AnswersAQuestionAboutAPicture) {
  const auto answer = ask("What color is the square?");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->text, "red");
  EXPECT_EQ(answer->finish_reason, FinishReason::stop);
}

TEST_F(TinyEngine, GreedyAnswersRepeatThemselves) {
  const auto first = ask("Describe the picture.");
  const auto second = ask("Describe the picture.");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->text, second->text);
}

TEST_F(TinyEngine, ASeedFixesTheDrawAndAnotherChangesIt) {
  std::set<std::string> drawn;
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    const GenerateOptions options{.temperature = 3, .seed = seed, .max_tokens = 12};
    const auto first = ask("Describe the picture.", options);
    const auto second = ask("Describe the picture.", options);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->text, second->text);
    drawn.insert(first->text);
  }
  EXPECT_GT(drawn.size(), 1u);
  // llama.cpp's own number for "any seed" is a seed like the others here.
  const GenerateOptions top{.temperature = 3, .seed = 0xFFFFFFFF, .max_tokens = 12};
  EXPECT_EQ(ask("Describe the picture.", top)->text, ask("Describe the picture.", top)->text);
}

TEST_F(TinyEngine, StreamsExactlyTheAnswer) {
  std::string streamed;
  std::int32_t tokens = 0;
  const auto answer = ask("Describe the picture.", {}, [&](const Token& token, std::string_view text) {
    streamed += text;
    tokens += !token.logits.empty();
  });
  ASSERT_TRUE(answer);
  EXPECT_EQ(streamed, answer->text);
  EXPECT_EQ(tokens, answer->tokens);
}

TEST_F(TinyEngine, EndsForItsLengthOrAtAStopString) {
  const auto whole = ask("Describe the picture.");
  const auto shorter = ask("Describe the picture.", {.max_tokens = 2});
  ASSERT_TRUE(whole && shorter);
  ASSERT_GT(whole->tokens, 2);
  EXPECT_EQ(shorter->tokens, 2);
  EXPECT_EQ(shorter->finish_reason, FinishReason::length);
  EXPECT_TRUE(whole->text.starts_with(shorter->text));
  const auto stopped = ask("Describe the picture.", {.stop = {"red"}});
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->text, whole->text.substr(0, whole->text.find("red")));
  EXPECT_EQ(stopped->finish_reason, FinishReason::stop);
}

TEST_F(TinyEngine, AnswersInJsonThatFitsASchema) {
  const std::string schema = R"({"type":"object","properties":{"colour":{"enum":["red","blue"]}},)"
                             R"("required":["colour"],"additionalProperties":false})";
  ASSERT_TRUE(engine->accepts({.json_schema = schema}));
  const auto answer = ask("What color is the square?", {.json_schema = schema});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->finish_reason, FinishReason::stop);
  const auto json = nlohmann::json::parse(answer->text, nullptr, false);
  ASSERT_TRUE(json.is_object()) << answer->text;
  EXPECT_EQ(json.size(), 1u);
  EXPECT_TRUE(json["colour"] == "red" || json["colour"] == "blue") << answer->text;
  const auto cut_off = ask("What color is the square?", {.max_tokens = 3, .json_schema = schema});
  EXPECT_EQ(cut_off->finish_reason, FinishReason::length);
  EXPECT_EQ(cut_off->text, answer->text.substr(0, cut_off->text.size()));
}

GenerateOptions calling(ToolChoice choice) {
  const char* find = R"({"type":"object","properties":{"shape":{"enum":["circle","square"]},)"
                     R"("count":{"type":"integer","minimum":1,"maximum":20}},"required":["shape"]})";
  return {
      .tools = {.tools = {{.name = "find", .parameters = find, .strict = true},
                          {.name = "screenshot", .parameters = R"({"properties":{},"additionalProperties":false})"}},
                .choice = choice}};
}

// This model has never seen a tool, and calls one nonetheless.
TEST_F(TinyEngine, ACallThatIsRequiredFitsItsTool) {
  for (int seed = -1; seed < 3; ++seed) {
    GenerateOptions options = calling(ToolChoice::required);
    options.tools.parallel = false;
    if (seed >= 0) options.seed = static_cast<std::uint32_t>(seed);
    if (seed >= 0) options.temperature = 2;
    if (seed % 2 == 0) options.tools.named = "find";
    ASSERT_TRUE(engine->accepts(options));
    const auto answer = ask("Which shapes are there?", options);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->finish_reason, FinishReason::stop) << answer->text;
    const AnswerParts parts = read_answer(engine->tool_format(), options.tools, answer->text);
    EXPECT_EQ(parts.content, "");
    ASSERT_EQ(parts.calls.size(), 1U) << answer->text;
    const auto arguments = nlohmann::json::parse(parts.calls[0].arguments, nullptr, false);
    ASSERT_TRUE(arguments.is_object()) << answer->text;
    if (parts.calls[0].name == "screenshot") {
      EXPECT_NE(options.tools.named, "find");
      EXPECT_TRUE(arguments.empty()) << answer->text;
      continue;
    }
    EXPECT_TRUE(arguments.at("shape") == "circle" || arguments.at("shape") == "square") << answer->text;
    const int count = arguments.value("count", 1);
    EXPECT_TRUE(count >= 1 && count <= 20) << answer->text;
  }
}

TEST_F(TinyEngine, ToolsThatAreNotCalledChangeNoAnswer) {
  for (const char* question : {"What color is the square?", "Describe the picture."}) {
    const auto plain = ask(question);
    const auto with_tools = ask(question, calling(ToolChoice::automatic));
    ASSERT_TRUE(plain && with_tools);
    EXPECT_EQ(plain->text, with_tools->text);
    EXPECT_EQ(plain->tokens, with_tools->tokens);
  }
}

TEST_F(TinyEngine, AStrictToolThatCannotBeKeptToIsRefused) {
  GenerateOptions options = calling(ToolChoice::automatic);
  options.tools.tools[0].parameters = R"({"type":"object","properties":{"a":{"type":"number","multipleOf":2}}})";
  const auto refused = engine->accepts(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::unsupported);
  EXPECT_TRUE(refused.error().message.contains("'find'")) << refused.error().message;
  options.tools.choice = ToolChoice::none;
  EXPECT_TRUE(engine->accepts(options)) << "tools that nobody may call are not looked at";
}

TEST_F(TinyEngine, ABiasAndPenaltiesChangeTheAnswer) {
  std::vector<std::int32_t> tokens;
  const auto plain =
      ask("What color is the square?", {}, [&](const Token& token, std::string_view) { tokens.push_back(token.id); });
  ASSERT_TRUE(plain);
  EXPECT_EQ(engine->token_bytes(tokens.at(0)), plain->text.substr(0, engine->token_bytes(tokens.at(0)).size()));
  const auto other = ask("What color is the square?", {.logit_bias = {{tokens.at(0), -100}}});
  ASSERT_TRUE(other);
  EXPECT_NE(other->text, plain->text);
}

TEST_F(TinyEngine, OptionsThatNoAnswerCanHaveAreRefused) {
  EXPECT_TRUE(engine->accepts({}));
  EXPECT_EQ(engine->accepts({.logit_bias = {{1 << 20, 1}}}).error().fault, Fault::invalid);
  EXPECT_EQ(engine->accepts({.presence_penalty = 3}).error().fault, Fault::invalid);
  EXPECT_EQ(engine->accepts({.json_schema = "{"}).error().fault, Fault::invalid);
  EXPECT_EQ(engine->accepts({.json_schema = R"({"multipleOf":2})"}).error().fault, Fault::unsupported);
  EXPECT_EQ(ask("?", {.json_schema = "{"}).error().fault, Fault::invalid);
}

TEST_F(TinyEngine, SpecialTokensHaveNoBytes) {
  EXPECT_EQ(engine->token_bytes('a'), "a");  // its first tokens are the bytes
  EXPECT_EQ(engine->token_bytes(1216), "");
  EXPECT_EQ(engine->token_bytes(-1), "");
  EXPECT_EQ(engine->token_bytes(1 << 20), "");
}

TEST_F(TinyEngine, AStopRequestEndsTheAnswer) {
  std::stop_source stop;
  int seen = 0;
  const auto answer = ask(
      "Describe the picture.", {},
      [&](const Token&, std::string_view) {
        if (++seen == 2) stop.request_stop();
      },
      stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::cancelled);
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(ask("What color is the square?")->text, "red");  // and the engine goes on
}

TEST_F(TinyEngine, AStopRequestEndsThePrefill) {
  std::stop_source stop;
  stop.request_stop();
  const std::vector<PromptImage> images = {embedded(red_square())};
  const auto prefilled =
      prefill_prompt(*engine, prompt("What color is the square?"), images, nullptr, stop.get_token());
  ASSERT_FALSE(prefilled);
  EXPECT_EQ(prefilled.error().fault, Fault::cancelled);
  EXPECT_EQ(ask("What color is the square?")->text, "red");
}

TEST_F(TinyEngine, APromptLargerThanTheContextIsRefusedWithTheNumbers) {
  const auto small = open_tiny(256);
  const std::vector<PromptImage> images = {embedded(red_square())};
  std::string question;
  for (int i = 0; i < 400; ++i) question += "what ";
  const auto prefilled = prefill_prompt(*small, prompt(question), images);
  ASSERT_FALSE(prefilled);
  EXPECT_EQ(prefilled.error().fault, Fault::invalid);
  EXPECT_TRUE(prefilled.error().message.contains("256")) << prefilled.error().message;
  EXPECT_TRUE(prefilled.error().message.contains("--ctx-size")) << prefilled.error().message;
}

TEST_F(TinyEngine, AFullContextEndsTheAnswerForItsLength) {
  const auto narrow = open_tiny(256);
  const std::vector<PromptImage> images = {embedded(red_square())};
  const auto prefilled = prefill_prompt(*narrow, prompt("What color is the square?"), images);
  ASSERT_TRUE(prefilled);
  const auto answer = prefilled->slot->generate({.temperature = 5, .seed = 1, .max_tokens = 10'000}, {});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_LE(static_cast<std::int32_t>(prefilled->layout->tokens()) + answer->tokens, 256 + 1);
}

TEST_F(TinyEngine, APlaceholderHasTheLayoutOfThePicture) {
  for (const auto& [width, height] : {std::pair{96u, 96u}, {300u, 100u}, {64u, 200u}, {1u, 1u}, {1000u, 1000u}}) {
    const PromptImage image = embedded(red_square(width, height));
    const auto sizes = engine->embedding_sizes(width, height);
    ASSERT_TRUE(sizes);
    ASSERT_EQ(sizes->size(), image.embeddings.size());
    for (std::size_t i = 0; i < sizes->size(); ++i) EXPECT_EQ(image.embeddings[i].size(), (*sizes)[i]);
  }
}

TEST_F(TinyEngine, TileInputsNameWhatTheEncoderIsFed) {
  const auto tile_of = [&](const DecodedImage& image) {
    return engine->tile_input(*engine->preprocess(image).value(), 0, {}).value();
  };
  EXPECT_EQ(tile_of(red_square()), tile_of(red_square()));
  DecodedImage other = red_square();
  other.pixels = Blob::filled(other.pixels.size(), [&](std::span<std::byte> out) {
    std::ranges::copy(red_square().pixels.bytes(), out.begin());
    out[out.size() / 2] ^= std::byte{1};  // one pixel, by one
  });
  EXPECT_NE(tile_of(red_square()), tile_of(other));
}

TEST_F(TinyEngine, ATilesValuesComeWithItsHash) {
  ASSERT_EQ(engine->frames_obstacle(), "");
  auto tiled = engine->preprocess(red_square()).value();
  const TileValues tile = engine->tile_values(*tiled, 0, {}).value();
  EXPECT_EQ(tile.input, engine->tile_input(*tiled, 0, {}).value());
  ASSERT_EQ(tile.values.size(), std::size_t{3} * tile.width * tile.height);
  DecodedImage other = red_square();
  other.pixels = Blob::filled(other.pixels.size(), [&](std::span<std::byte> out) {
    std::ranges::copy(red_square().pixels.bytes(), out.begin());
    out[out.size() / 2] ^= std::byte{1};
  });
  const TileValues changed = engine->tile_values(*engine->preprocess(other).value(), 0, {}).value();
  EXPECT_NE(changed.input, tile.input);
  EXPECT_NE(changed.values, tile.values);
  EXPECT_FLOAT_EQ(engine->brightness_step(), 2.0F / 255) << "the model's standard deviation is a half";
}

TEST_F(TinyEngine, HashingATileDisturbsNoEncode) {
  auto tiled = engine->preprocess(red_square()).value();
  const Blob before = engine->encode(*tiled, 0, {}).value().embedding;
  ASSERT_TRUE(engine->tile_input(*tiled, 0, {}));
  const Blob after = engine->encode(*tiled, 0, {}).value().embedding;
  EXPECT_TRUE(std::ranges::equal(before.bytes(), after.bytes()));
}

TEST_F(TinyEngine, Incident13AnEmbeddingOfAnotherShapeIsRefusedNotFed) {
  PromptImage image = embedded(red_square());
  image.embeddings[0] = Blob::copy_of(image.embeddings[0].bytes().first(image.embeddings[0].size() - 4));
  const auto short_one = prefill_prompt(*engine, prompt("?"), std::vector<PromptImage>{image});
  ASSERT_FALSE(short_one);
  EXPECT_EQ(short_one.error().fault, Fault::corrupt);
  image.embeddings.clear();
  EXPECT_FALSE(prefill_prompt(*engine, prompt("?"), std::vector<PromptImage>{image}));
}

TEST_F(TinyEngine, TextThatSpellsAMarkerStaysText) {
  const std::vector<PromptImage> images = {embedded(red_square())};
  EXPECT_TRUE(prefill_prompt(*engine, prompt("<__media__> <__image__>"), images));
}

TEST(LlamaEngine, Incident9FingerprintsNameTheFilesContent) {
  const auto first = open_tiny();
  const auto again = open_tiny();
  EXPECT_EQ(first->vision_fingerprint(), again->vision_fingerprint());
  EXPECT_EQ(first->text_fingerprint(), again->text_fingerprint());
  EXPECT_NE(first->vision_fingerprint(), first->text_fingerprint());
  EXPECT_NE(first->text_fingerprint(), open_tiny(512)->text_fingerprint());
}

TEST(LlamaEngine, SaysWhichKernelsCompute) {
  const auto with = [](KernelChoice kernels) {
    return LlamaEngine::open({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .kernels = kernels}).value();
  };
  const auto ggml = with(KernelChoice::ggml), f32 = with(KernelChoice::f32);
  EXPECT_EQ(ggml->facts().kernels, "ggml");
  EXPECT_EQ(f32->facts().kernels, kernel_class(false)) << "one text, as they compute both models";
  EXPECT_NE(ggml->vision_fingerprint(), f32->vision_fingerprint());
  EXPECT_NE(ggml->text_fingerprint(), f32->text_fingerprint());
}

TEST(LlamaEngine, SaysWhatIsWrongWithAMissingFile) {
  const auto engine = LlamaEngine::open({.model = "/nowhere/model.gguf", .mmproj = test::tiny_mmproj});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().fault, Fault::not_found);
  EXPECT_TRUE(engine.error().message.contains("/nowhere/model.gguf"));
}

}  // namespace
}  // namespace fovea::llama
