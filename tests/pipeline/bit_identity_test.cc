// An answer made from stored embeddings is bit-identical to one computed from nothing: every token and every
// logit of it, with the bundled model and with a synthesised model that cuts a picture into several tiles.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <ranges>
#include <span>

#include "engine/llama/llama_engine.h"
#include "engine/models.h"
#include "pictures/sources.h"
#include "pipeline/frames/drawn_camera.h"
#include "pipeline/pipeline.h"

namespace fovea {
namespace {

using test::Rgb;

// Every generated token with all of its logits, by bit pattern.
struct Trace {
  std::vector<std::int32_t> tokens;
  std::vector<std::byte> logits;
  friend bool operator==(const Trace&, const Trace&) = default;
};

struct Traced {
  Answer answer;
  Trace trace;
};

Traced ask(Pipeline& pipeline, const Request& request) {
  Traced traced;
  const Listener listener{.on_token = [&](const Token& token, std::string_view) {
    if (token.logits.empty()) return;
    traced.trace.tokens.push_back(token.id);
    const auto bytes = std::as_bytes(token.logits);
    traced.trace.logits.insert(traced.trace.logits.end(), bytes.begin(), bytes.end());
  }};
  auto answer = pipeline.answer(request, listener);
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
  if (answer) traced.answer = std::move(*answer);
  return traced;
}

// A picture with something different everywhere; `patch` changes a 10 x 10 square near the top left.
ImageSource scenery(std::uint32_t width, std::uint32_t height, std::uint8_t patch = 0) {
  return test::png(width, height, [=](std::uint32_t x, std::uint32_t y) -> Rgb {
    if (patch != 0 && x >= 12 && x < 22 && y >= 12 && y < 22) return {patch, patch, patch};
    return {static_cast<std::uint8_t>(x * 5 + y), static_cast<std::uint8_t>(y * 7),
            static_cast<std::uint8_t>((x / 16 + y / 16) % 2 * 200)};
  });
}

Request request_of(const std::string& system, std::vector<PromptPart> parts, std::vector<ImageSource> sources) {
  Request request{.sources = std::move(sources), .options = {.max_tokens = 20}};
  if (!system.empty()) request.messages.push_back({"system", {system}});
  request.messages.push_back({"user", std::move(parts)});
  return request;
}

class BitIdentity : public testing::TestWithParam<test::TestModel> {
 protected:
  static VisionLanguageEngine& engine() { return test::engine_of(GetParam()); }

  // The request's answer with everything computed.
  static Traced cold(Request request) {
    Pipeline pipeline(engine(), {});
    request.cache = {.read = false, .write = false};
    return ask(pipeline, request);
  }
};

TEST_P(BitIdentity, AnEmbeddingHitEqualsAMiss) {
  Pipeline pipeline(engine(), {.prefix_bytes_max = 0, .response_bytes_max = 0});
  const Request request = request_of("", {ImageSlot{0}, "What is this?"}, {scenery(150, 100)});
  const Traced miss = ask(pipeline, request);
  const Traced hit = ask(pipeline, request);
  ASSERT_EQ(miss.answer.report.embedding, Outcome::miss);
  ASSERT_EQ(hit.answer.report.embedding, Outcome::hit);
  EXPECT_FALSE(hit.answer.report.images[0].decoded);
  EXPECT_FALSE(miss.trace.tokens.empty());
  EXPECT_EQ(hit.trace, miss.trace);
  EXPECT_EQ(miss.trace, cold(request).trace);
}

TEST_P(BitIdentity, WhereverThePictureStands) {
  Pipeline pipeline(engine(), {.prefix_bytes_max = 0, .response_bytes_max = 0});
  const ImageSource first = scenery(150, 100);
  const ImageSource second = scenery(90, 90);
  ask(pipeline, request_of("", {ImageSlot{0}, "What is this?"}, {first}));
  ask(pipeline, request_of("", {ImageSlot{0}, "What is this?"}, {second}));
  for (const Request& request :
       {request_of("Be brief.", {ImageSlot{0}, "What is this?"}, {first}),
        request_of("", {"What is this? ", ImageSlot{0}}, {first}),
        request_of("", {ImageSlot{0}, ImageSlot{1}, "What is the second?"}, {first, second}),
        request_of("", {ImageSlot{1}, " or ", ImageSlot{0}, " or ", ImageSlot{1}}, {first, second})}) {
    const Traced hit = ask(pipeline, request);
    ASSERT_EQ(hit.answer.report.embedding, Outcome::hit);
    EXPECT_EQ(hit.trace, cold(request).trace);
  }
}

TEST_P(BitIdentity, AChangedPartEqualsEncodingAll) {
  Pipeline pipeline(engine(), {.prefix_bytes_max = 0, .response_bytes_max = 0});
  ask(pipeline, request_of("", {ImageSlot{0}, "What is this?"}, {scenery(150, 100)}));
  const Request changed = request_of("", {ImageSlot{0}, "What is this?"}, {scenery(150, 100, 255)});
  const Traced mixed = ask(pipeline, changed);
  const ImageReport& image = mixed.answer.report.images[0];
  if (image.tiles > 1) {
    EXPECT_EQ(image.tiles_hit, image.tiles - 2);  // all but the tile with the patch and the overview
  }
  EXPECT_EQ(mixed.trace, cold(changed).trace);
}

TEST_P(BitIdentity, WithSomeTilesEvicted) {
  const Request request = request_of("", {ImageSlot{0}, "What is this?"}, {scenery(150, 100)});
  Pipeline roomy(engine(), {.prefix_bytes_max = 0, .response_bytes_max = 0});
  const Traced first = ask(roomy, request);
  const std::uint64_t bytes = roomy.stats().embedding.bytes;
  Pipeline tight(engine(), {.embedding_bytes_max = bytes - 1, .prefix_bytes_max = 0, .response_bytes_max = 0});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(tight, request).trace, first.trace);
}

TEST_P(BitIdentity, APrefixHitBehindAPictureEqualsAMiss) {
  Pipeline pipeline(engine(), {.response_bytes_max = 0});
  const ImageSource first = scenery(150, 100);
  const ImageSource second = scenery(90, 90);
  ask(pipeline, request_of("", {ImageSlot{0}, "What is this?"}, {first}));
  const Request cached_items = request_of("", {ImageSlot{0}, "What is that there, then?"}, {first});
  const Traced live = ask(pipeline, cached_items);
  EXPECT_EQ(live.answer.report.prefix, Outcome::hit);
  EXPECT_EQ(live.trace, cold(cached_items).trace);

  ask(pipeline, request_of("", {ImageSlot{0}, "What is this?"}, {second}));
  const Request stored = request_of("", {ImageSlot{0}, "Where?"}, {first});
  const Traced restored = ask(pipeline, stored);
  EXPECT_EQ(restored.answer.report.prefix, Outcome::hit);
  EXPECT_EQ(pipeline.stats().prefix.hits, 2u);
  EXPECT_EQ(restored.trace, cold(stored).trace);

  const Request both = request_of("", {ImageSlot{0}, ImageSlot{1}, "What is the second?"}, {second, first});
  const Traced half = ask(pipeline, both);
  EXPECT_EQ(half.answer.report.prefix, Outcome::miss) << "the second picture must be read";
  EXPECT_GT(half.answer.report.cached_tokens, 16);
  EXPECT_EQ(half.trace, cold(both).trace);
}

// In the middle of a text a batch begins where none does in a cold run: equal up to rounding, which is all
// that is promised.
// With near frames on, whatever a camera's frames were taken for: a request that names no camera.
TEST_P(BitIdentity, BesideNearFramesAnExactRequestEqualsAMiss) {
  Pipeline pipeline(engine(), {.response_bytes_max = 0, .frames = FrameOptions{.exact_every = 1000}});
  test::DrawnCamera camera(1, 96);
  const auto about = [](const ImageSource& frame) {
    Request request = request_of("", {ImageSlot{0}, "What is this?"}, {frame});
    request.options.max_tokens = 3;
    return request;
  };
  int near = 0;
  for (int i = 0; i < 60 && near < 2; ++i) {
    const ImageSource frame = camera.frame();
    Request named = about(frame);
    named.camera = KeyBuilder("test").field("door").finish();
    if (ask(pipeline, named).answer.report.frames->tiles_near == 0) continue;
    ++near;
    const Traced exact = ask(pipeline, about(frame));
    EXPECT_EQ(exact.answer.report.frames->bypass, Bypass::no_camera);
    EXPECT_EQ(exact.trace, cold(about(frame)).trace);
  }
  EXPECT_EQ(near, 2);
}

TEST_P(BitIdentity, AConversationGoesOnFromWhereItWas) {
  Pipeline pipeline(engine(), {.response_bytes_max = 0});
  Request request = request_of("", {ImageSlot{0}, "What is this?"}, {scenery(150, 100)});
  request.options.max_tokens = 1;
  const Traced first = ask(pipeline, request);
  request.messages.push_back({"assistant", {first.answer.text}});
  request.messages.push_back({"user", {"And that?"}});
  const Traced second = ask(pipeline, request);
  EXPECT_EQ(second.answer.report.prefix, Outcome::hit);
  EXPECT_GE(second.answer.report.cached_tokens, first.answer.prompt_tokens);
  const Traced all = cold(request);
  ASSERT_EQ(second.trace.logits.size(), all.trace.logits.size());
  std::vector<float> warm(second.trace.logits.size() / sizeof(float)), fresh(warm.size());
  std::memcpy(warm.data(), second.trace.logits.data(), second.trace.logits.size());
  std::memcpy(fresh.data(), all.trace.logits.data(), all.trace.logits.size());
  for (std::size_t i = 0; i < warm.size(); ++i) ASSERT_NEAR(warm[i], fresh[i], 0.05) << i;
}

using NamedModel = std::pair<test::TestModel, const char*>;

std::vector<test::TestModel> models_of(std::span<const NamedModel> named) {
  return {std::from_range, named | std::views::keys};
}

std::string name_in(std::span<const NamedModel> named, test::TestModel model) {
  return std::ranges::find(named, model, [](const NamedModel& of) { return of.first; })->second;
}

// The bundled model, and those that cut a picture into tiles: of one size, and of several.
constexpr NamedModel of_tiles[] = {
    {test::TestModel::tiny, "tiny"}, {test::TestModel::idefics3, "idefics3"}, {test::TestModel::minicpmv, "minicpmv"}};

INSTANTIATE_TEST_SUITE_P(Models, BitIdentity, testing::ValuesIn(models_of(of_tiles)),
                         [](const auto& param) { return name_in(of_tiles, param.param); });

// Models of every kind: windows, recurrent layers, positions in two dimensions, images without a causal mask.
// Of those that cannot go back the states are taken whole while the prompt is prefilled. With several slots
// the context is emptied before each answer, since batches and cells are then those of one request.
class EveryKind : public BitIdentity {
 protected:
  static constexpr const char* system = "Look at it for a while, and then answer in one word.";

  static Traced ask_alone(Pipeline& pipeline, const Request& request) {
    engine().purge_idle();
    return ask(pipeline, request);
  }
  static Trace cold_alone(const Request& request) {
    engine().purge_idle();
    return cold(request).trace;
  }
};

TEST_P(EveryKind, APrefixHitBehindAPictureEqualsAMiss) {
  Pipeline pipeline(engine(), {.response_bytes_max = 0});
  const ImageSource first = scenery(300, 200), second = scenery(260, 260);
  ask_alone(pipeline, request_of(system, {ImageSlot{0}, "What is this?"}, {first}));
  ask_alone(pipeline, request_of(system, {ImageSlot{0}, "What is this?"}, {second}));
  for (const auto& [source, question] : {std::pair{first, "Where?"}, {second, "Who has been here?"}, {first, "Why?"}}) {
    const Request stored = request_of(system, {ImageSlot{0}, question}, {source});
    const Traced restored = ask_alone(pipeline, stored);
    EXPECT_EQ(restored.answer.report.prefix, Outcome::hit);
    EXPECT_FALSE(restored.trace.tokens.empty());
    EXPECT_EQ(restored.trace, cold_alone(stored)) << question;
  }
  EXPECT_EQ(pipeline.stats().prefix.hits, 3u);
}

TEST_P(EveryKind, APictureBehindAnotherGoesOnFromItsState) {
  Pipeline pipeline(engine(), {.response_bytes_max = 0});
  const ImageSource first = scenery(300, 200), second = scenery(260, 260);
  const auto about_both = [&](const std::string& question) {
    return request_of(system, {ImageSlot{0}, ImageSlot{1}, question}, {first, second});
  };
  ask_alone(pipeline, request_of(system, {ImageSlot{0}, "What is this?"}, {first}));
  const Traced half = ask_alone(pipeline, about_both("What is the second?"));
  EXPECT_GT(half.answer.report.cached_tokens, 16);
  EXPECT_EQ(half.trace, cold_alone(about_both("What is the second?")));
  const Traced whole = ask_alone(pipeline, about_both("And the first?"));
  EXPECT_EQ(whole.answer.report.prefix, Outcome::hit);
  EXPECT_EQ(whole.trace, cold_alone(about_both("And the first?")));
}

constexpr NamedModel every_kind[] = {
    {test::TestModel::windowed, "windowed"}, {test::TestModel::windowed_parallel, "windowed_parallel"},
    {test::TestModel::hybrid, "hybrid"},     {test::TestModel::hybrid_parallel, "hybrid_parallel"},
    {test::TestModel::gemma3, "gemma3"},     {test::TestModel::qwen25, "qwen25"},
    {test::TestModel::internvl, "internvl"}, {test::TestModel::minicpmv, "minicpmv"}};

INSTANTIATE_TEST_SUITE_P(Models, EveryKind, testing::ValuesIn(models_of(every_kind)),
                         [](const auto& param) { return name_in(every_kind, param.param); });

}  // namespace
}  // namespace fovea
