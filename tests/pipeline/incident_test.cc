// Requests that other systems answer wrongly or die of, through the pipeline with real engines: tiny
// pictures, long conversations with pictures, many pictures at once, answers of no token, answers that go on.
#include <gtest/gtest.h>

#include <format>

#include "engine/models.h"
#include "pictures/sources.h"
#include "pipeline/pipeline.h"

namespace fovea {
namespace {

using test::Rgb;

ImageSource square(Rgb colour, std::uint32_t width = 96, std::uint32_t height = 96) {
  return test::png(width, height, [=](std::uint32_t x, std::uint32_t y) -> Rgb {
    const bool inside = x > width / 4 && x < width * 3 / 4 && y > height / 4 && y < height * 3 / 4;
    return inside ? colour : Rgb{255, 255, 255};
  });
}

constexpr Rgb red{220, 40, 40}, blue{40, 80, 220}, green{40, 160, 60};

class Incident : public testing::TestWithParam<test::TestModel> {
 protected:
  static VisionLanguageEngine& engine() { return test::engine_of(GetParam()); }

  Answer ask(const Request& request) {
    auto answer = pipeline.answer(request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(Answer{});
  }
  // The text of the same request in a pipeline that knows nothing.
  static std::string cold(Request request) {
    Pipeline empty(engine(), {});
    request.cache = {.read = false, .write = false};
    const auto answer = empty.answer(request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? answer->text : "";
  }

  Pipeline pipeline{engine(), {}};
};

TEST_P(Incident, Incident26PicturesOfOnePixelAreAnswered) {
  const std::pair<std::uint32_t, std::uint32_t> sizes[] = {{1, 1},    {1, 2},    {2, 1},   {1, 4000},
                                                           {4000, 1}, {1093, 5}, {5, 1093}};
  for (const auto& [width, height] : sizes) {
    const Request request{.messages = {{"user", {ImageSlot{0}, "What color is it?"}}},
                          .sources = {square(red, width, height)},
                          .options = {.max_tokens = 4}};
    const auto answer = pipeline.answer(request);
    if (!answer && GetParam() == test::TestModel::idefics3) {  // it would scale a side of these to no pixel
      EXPECT_EQ(answer.error().fault, Fault::invalid) << answer.error().message;
      EXPECT_TRUE(answer.error().message.starts_with(std::format("a picture of {} x {} pixels:", width, height)))
          << answer.error().message;
      continue;
    }
    ASSERT_TRUE(answer) << width << "x" << height << ": " << answer.error().message;
    EXPECT_EQ(ask(request).text, answer->text);
    EXPECT_EQ(cold(request), answer->text);
  }
}

// An agent's steps: each call has an id that was made up, and each result a picture.
TEST_P(Incident, Incident30PicturesFromToolsAreFoundAtEveryLevel) {
  const auto steps = [](const std::string& ids, std::size_t count) {
    Request request{.options = {.max_tokens = 4, .tools = {.tools = {{.name = "look"}}}}};
    request.messages.push_back({"user", {"What color is the square?"}});
    for (std::size_t i = 0; i < count; ++i) {
      const std::string id = std::format("{}-{}", ids, i);
      request.messages.push_back({.role = "assistant", .parts = {}, .tool_calls = {{id, "look", "{}"}}});
      request.messages.push_back({.role = "tool", .parts = {ImageSlot{i}, "seen"}, .tool_call_id = id});
      request.sources.push_back(square(i % 2 == 0 ? red : blue, 96 + static_cast<std::uint32_t>(i), 96));
    }
    return request;
  };
  const Answer first = ask(steps("a", 1));
  EXPECT_EQ(first.report.embedding, Outcome::miss);
  EXPECT_EQ(ask(steps("b", 1)).report.response, Outcome::hit) << "other ids are the same question";
  for (const std::size_t count : {2U, 3U}) {
    const Answer answer = ask(steps("c", count));
    EXPECT_EQ(answer.text, cold(steps("d", count)));
    for (std::size_t i = 0; i + 1 < count; ++i) EXPECT_TRUE(answer.report.images[i].in_prefix) << count << ": " << i;
    const ImageReport& newest = answer.report.images[count - 1];
    EXPECT_LT(newest.tiles_hit, newest.tiles);
  }
  Pipeline without_prefixes(engine(), {.prefix_bytes_max = 0, .response_bytes_max = 0});
  EXPECT_TRUE(without_prefixes.answer(steps("a", 2)));
  EXPECT_EQ(without_prefixes.answer(steps("a", 2))->report.embedding, Outcome::hit);
}

// Each turn sends the whole conversation again, with one more picture.
TEST_P(Incident, Incident32EveryTurnIsAnsweredForItselfAndReadsOnlyWhatIsNew) {
  Request request{.options = {.max_tokens = 5}};
  std::size_t turn = 0;
  for (const Rgb colour : {red, blue, green, red}) {
    request.messages.push_back({"user", {ImageSlot{turn}, "What color is the square?"}});
    request.sources.push_back(square(colour));
    const Answer answer = ask(request);
    EXPECT_EQ(answer.text, cold(request)) << "turn " << turn;
    ASSERT_EQ(answer.report.images.size(), turn + 1);
    EXPECT_EQ(answer.report.response, Outcome::miss);
    for (std::size_t i = 0; i < turn; ++i) EXPECT_TRUE(answer.report.images[i].in_prefix) << turn << ": " << i;
    request.messages.push_back({"assistant", {answer.text}});
    ++turn;
  }
}

TEST_P(Incident, Incident36ManyPicturesInOneRequest) {
  constexpr std::size_t pictures = 14;
  Request request{.options = {.max_tokens = 4}};
  Message user{"user", {}};
  for (std::size_t i = 0; i < pictures; ++i) {
    request.sources.push_back(square({static_cast<std::uint8_t>(i * 16), 40, 40}));
    user.parts.emplace_back(ImageSlot{i});
  }
  user.parts.emplace_back("How many squares are there?");
  request.messages.push_back(user);
  const Answer answer = ask(request);
  EXPECT_EQ(answer.report.images.size(), pictures);
  EXPECT_EQ(answer.text, cold(request));
  EXPECT_EQ(ask(request).report.response, Outcome::hit);
}

TEST_P(Incident, Incident36MorePicturesThanTheContextHoldsAreRefusedWithBothNumbers) {
  Request request{.sources = {square(red)}};
  Message user{"user", {}};
  const auto of_one = pipeline.lay_out({.messages = {{"user", {ImageSlot{0}, "?"}}}, .sources = request.sources});
  ASSERT_TRUE(of_one);
  for (std::uint32_t i = 0; i <= engine().facts().context_tokens / of_one->layout->image_tokens(); ++i)
    user.parts.emplace_back(ImageSlot{0});
  user.parts.emplace_back("How many?");
  request.messages.push_back(user);
  const auto answer = pipeline.answer(request);
  ASSERT_FALSE(answer);
  ASSERT_TRUE(answer.error().overflow) << answer.error().message;
  EXPECT_EQ(answer.error().overflow->context_tokens, engine().facts().context_tokens);
  EXPECT_GT(answer.error().overflow->prompt_tokens, engine().facts().context_tokens);
}

TEST_P(Incident, AnAnswerOfNoTokenReadsThePromptOnly) {
  Request request{.messages = {{"user", {ImageSlot{0}, "What color is the square?"}}},
                  .sources = {square(red)},
                  .options = {.max_tokens = 0}};
  const Answer none = ask(request);
  EXPECT_EQ(none.text, "");
  EXPECT_EQ(none.answer_tokens, 0);
  EXPECT_EQ(none.finish_reason, FinishReason::length);
  EXPECT_GT(none.prompt_tokens, none.image_tokens);
  request.options.max_tokens = 5;
  const Answer answer = ask(request);
  EXPECT_NE(answer.text, "") << "what was stored is the answer of no token";
  EXPECT_EQ(answer.report.prefix, Outcome::hit);
  EXPECT_EQ(answer.text, cold(request));
}

TEST_P(Incident, AnAnswerGoesOnAsItWouldHave) {
  Request request{.messages = {{"user", {ImageSlot{0}, "Describe the picture."}}},
                  .sources = {square(blue)},
                  .options = {.max_tokens = 8}};
  const std::string whole = ask(request).text;
  const std::size_t space = whole.find(' ', 1);
  ASSERT_NE(space, std::string::npos) << whole;
  request.messages.push_back({"assistant", {whole.substr(0, space)}});
  request.continue_final = true;
  const Answer rest = ask(request);
  EXPECT_GT(rest.answer_tokens, 0);
  // The words of the other model are no tokens to its own tokenizer.
  if (GetParam() == test::TestModel::tiny) {
    EXPECT_TRUE((whole.substr(0, space) + rest.text).starts_with(whole)) << whole << " | " << rest.text;
  }
  request.messages.pop_back();
  EXPECT_EQ(pipeline.answer(request).error().fault, Fault::invalid);
}

INSTANTIATE_TEST_SUITE_P(Models, Incident, testing::Values(test::TestModel::tiny, test::TestModel::idefics3),
                         [](const auto& model) { return model.param == test::TestModel::tiny ? "tiny" : "idefics3"; });

}  // namespace
}  // namespace fovea
