#include "pipeline/pipeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "pictures/sources.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

using test::plain_png;
using test::png;
using test::ScriptedEngine;

Request question(std::vector<ImageSource> sources, const std::string& text = "what?") {
  Request request{.sources = std::move(sources)};
  Message user{"user", {}};
  for (std::size_t i = 0; i < request.sources.size(); ++i) user.parts.emplace_back(ImageSlot{i});
  user.parts.emplace_back(text);
  request.messages.push_back(user);
  return request;
}

const ImageSource red = plain_png(8, 8, {200, 0, 0});
const ImageSource blue = plain_png(8, 8, {0, 0, 100});
// Its left half differs from its right one: two tiles.
const ImageSource halves = png(
    8, 8, [](std::uint32_t x, std::uint32_t) -> test::Rgb { return {static_cast<std::uint8_t>(x < 4 ? 1 : 2), 0, 0}; });

class PipelineTest : public testing::Test {
 protected:
  Answer ask(const Request& request) {
    auto answer = pipeline.answer(request);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    return answer.value_or(Answer{});
  }

  ScriptedEngine engine;
  Pipeline pipeline{engine, {.prefix_bytes_max = 0}};  // prefix_test.cc has that level
};

TEST_F(PipelineTest, AFirstLookMissesEverywhere) {
  const Answer answer = ask(question({halves}));
  EXPECT_EQ(answer.report.response, Outcome::miss);
  EXPECT_EQ(answer.report.embedding, Outcome::miss);
  EXPECT_EQ(answer.report.saved_ms, 0);
  ASSERT_EQ(answer.report.images.size(), 1u);
  EXPECT_TRUE(answer.report.images[0].decoded);
  EXPECT_TRUE(answer.report.images[0].preprocessed);
  EXPECT_EQ(answer.report.images[0].width, 8u);
  EXPECT_EQ(answer.report.images[0].tiles, 2u);
}

TEST_F(PipelineTest, OptionsThatTheEngineRefusesCostNothing) {
  ask(question({red}));
  engine.options_fit = fail(Fault::invalid, "no such token");
  for (const Request& request : {question({red}), question({blue})}) {
    const auto refused = pipeline.answer(request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "no such token");
  }
  EXPECT_EQ(engine.cuts, 1);
  EXPECT_EQ(engine.generations, 1);
}

TEST_F(PipelineTest, ManyLargePicturesAreAnsweredWithoutHoldingAllTheirPixels) {
  std::vector<ImageSource> large;
  for (std::uint8_t shade = 0; shade < 3; ++shade) large.push_back(plain_png(3000, 3000, {shade, 0, 0}));
  const Answer answer = ask(question(large));
  EXPECT_EQ(answer.report.images.size(), 3u);
  EXPECT_EQ(engine.cuts, 3);
  EXPECT_EQ(answer.text, ask(question(large)).text);
}

TEST_F(PipelineTest, AnotherQuestionTakesStoredEmbeddingsAndNoPixels) {
  ask(question({red}));
  const Answer answer = ask(question({red}, "where?"));
  EXPECT_EQ(answer.report.response, Outcome::miss);
  EXPECT_EQ(answer.report.embedding, Outcome::hit);
  EXPECT_FALSE(answer.report.images[0].decoded);
  EXPECT_FALSE(answer.report.images[0].preprocessed);
  EXPECT_EQ(engine.encodes, 1);  // a plain picture's two halves are one tile, met twice
  EXPECT_EQ(engine.cuts, 1);
  EXPECT_EQ(answer.text, ask(question({red}, "where?")).text);
}

TEST_F(PipelineTest, AnExactRepeatIsTheStoredAnswer) {
  const Answer first = ask(question({red}));
  std::string streamed;
  const Listener listener{.on_text = [&](std::string_view text) { streamed += text; }};
  const auto again = pipeline.answer(question({red}), listener);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->report.response, Outcome::hit);
  EXPECT_EQ(again->text, first.text);
  EXPECT_EQ(streamed, first.text);
  EXPECT_EQ(again->prompt_tokens, first.prompt_tokens);
  EXPECT_GT(again->report.saved_ms, 0);
  EXPECT_EQ(engine.generations, 1);
}

TEST_F(PipelineTest, TheAnswerToAKnownRequestIsFoundWithoutRenderingIt) {
  const Answer first = ask(question({red}));
  EXPECT_EQ(engine.renders, 1);
  const Answer repeat = ask(question({red}));
  EXPECT_EQ(repeat.report.response, Outcome::hit);
  EXPECT_EQ(repeat.text, first.text);
  EXPECT_EQ(engine.renders, 1);

  Request salted = question({red});
  salted.cache_salt = "mine";
  EXPECT_EQ(ask(salted).report.response, Outcome::miss);
  EXPECT_EQ(engine.renders, 2) << "what another scope asked is not known";
}

TEST_F(PipelineTest, AKnownRequestWhoseAnswerIsGoneIsRenderedAndComputed) {
  const Answer first = ask(question({red}));
  pipeline.purge("");
  const Answer again = ask(question({red}));
  EXPECT_EQ(again.report.response, Outcome::miss);
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(engine.renders, 2);
  EXPECT_EQ(engine.generations, 2);
  EXPECT_EQ(ask(question({red})).report.response, Outcome::hit);
}

TEST_F(PipelineTest, ARequestThatStoresNothingDoesNotBecomeKnown) {
  Request request = question({red});
  request.cache.write = false;
  ask(request);
  ask(request);
  EXPECT_EQ(engine.renders, 2);
}

TEST_F(PipelineTest, AChangedPartEncodesOnlyItsTile) {
  const auto picture = [](std::uint8_t corner) {
    return png(8, 8, [=](std::uint32_t x, std::uint32_t y) -> test::Rgb {
      return {static_cast<std::uint8_t>(x * 10), static_cast<std::uint8_t>(x == 0 && y == 0 ? corner : 7), 0};
    });
  };
  ask(question({picture(1)}));
  EXPECT_EQ(engine.encodes, 2);
  const Answer changed = ask(question({picture(99)}));
  EXPECT_EQ(engine.encodes, 3);
  EXPECT_EQ(changed.report.embedding, Outcome::miss);
  EXPECT_EQ(changed.report.images[0].tiles_hit, 1u);
}

TEST_F(PipelineTest, TheSamePictureInAnotherFileIsTheSameImage) {
  ask(question({red}));
  // Another file with the same pixels: a trailing byte that PNG readers ignore.
  const ImageSource copy{Blob::copy_of(std::string(red.bytes.text()) + "x"), "copy.png"};
  EXPECT_EQ(ask(question({copy})).report.response, Outcome::hit);
}

TEST_F(PipelineTest, Incident4TheNameOfASourceMeansNothing) {
  const ImageSource first{red.bytes, "same.png"};
  const ImageSource second{blue.bytes, "same.png"};
  const Answer one = ask(question({first}));
  const Answer two = ask(question({second}));
  EXPECT_EQ(two.report.response, Outcome::miss);
  EXPECT_NE(one.text, two.text);
}

TEST_F(PipelineTest, Incident1TransposedPicturesDoNotMeet) {
  const Answer wide = ask(question({plain_png(30, 150, {9, 9, 9})}));
  const Answer tall = ask(question({plain_png(150, 30, {9, 9, 9})}));
  EXPECT_EQ(tall.report.response, Outcome::miss);
  EXPECT_NE(wide.report.images[0].image_key, tall.report.images[0].image_key);
}

TEST_F(PipelineTest, Incident6TheSamePromptAboutAnotherPictureIsAnotherAnswer) {
  const Answer one = ask(question({red}));
  const Answer two = ask(question({blue}));
  EXPECT_EQ(two.report.response, Outcome::miss);
  EXPECT_NE(one.text, two.text);
}

TEST_F(PipelineTest, TheOrderOfPicturesMatters) {
  const Answer one = ask(question({red, blue}));
  const Answer two = ask(question({blue, red}));
  EXPECT_EQ(two.report.response, Outcome::miss);
  EXPECT_EQ(two.report.embedding, Outcome::hit);
  EXPECT_NE(one.text, two.text);
}

TEST_F(PipelineTest, TenantsShareNothing) {
  Request mine = question({red});
  mine.tenant = "mine";
  ask(mine);
  Request theirs = question({red});
  theirs.tenant = "theirs";
  const Answer answer = ask(theirs);
  EXPECT_EQ(answer.report.response, Outcome::miss);
  EXPECT_EQ(answer.report.embedding, Outcome::miss);
}

TEST_F(PipelineTest, Incident18ARandomAnswerIsNeverStored) {
  Request request = question({red});
  request.options.temperature = 0.8;
  for (int i = 0; i < 2; ++i) {
    const Answer answer = ask(request);
    EXPECT_EQ(answer.report.response, Outcome::bypass);
    EXPECT_NE(answer.report.response_bypass, Bypass::none);
  }
  EXPECT_EQ(engine.generations, 2);
  EXPECT_EQ(pipeline.stats().response.entries, 0u);
}

TEST_F(PipelineTest, ASeededAnswerIsStored) {
  Request request = question({red});
  request.options.temperature = 0.8;
  request.options.seed = 7;
  ask(request);
  EXPECT_EQ(ask(request).report.response, Outcome::hit);
}

TEST_F(PipelineTest, Incident19AFailedAnswerIsNotStored) {
  engine.before_generate = [] { return Result<void>(fail(Fault::internal, "broken")); };
  EXPECT_FALSE(pipeline.answer(question({red})));
  EXPECT_EQ(pipeline.stats().response.entries, 0u);
  engine.before_generate = nullptr;
  EXPECT_EQ(ask(question({red})).report.response, Outcome::miss);
}

TEST_F(PipelineTest, Incident19AFailedEncodeIsNotStored) {
  engine.before_encode = [] { return Result<void>(fail(Fault::internal, "broken")); };
  EXPECT_FALSE(pipeline.answer(question({red})));
  EXPECT_EQ(pipeline.stats().embedding.entries, 0u);
  engine.before_encode = nullptr;
  const Answer answer = ask(question({red}));
  EXPECT_EQ(answer.report.embedding, Outcome::miss);
}

TEST_F(PipelineTest, Incident19ACancelledAnswerIsNotStored) {
  std::stop_source stop;
  engine.before_encode = [&] {
    stop.request_stop();
    return Result<void>();
  };
  engine.before_generate = [] { return Result<void>(fail(Fault::cancelled, "stopped")); };
  const auto answer = pipeline.answer(question({red}), {}, stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::cancelled);
  EXPECT_EQ(pipeline.stats().response.entries, 0u);
}

TEST_F(PipelineTest, NoCacheNeitherReadsNorWrites) {
  Request request = question({red});
  request.cache = {.read = false, .write = false};
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask(request).report.response, Outcome::bypass);
  EXPECT_EQ(pipeline.stats().embedding.entries, 0u);
  EXPECT_EQ(pipeline.stats().response.entries, 0u);
  EXPECT_EQ(engine.encodes, 4);
}

TEST_F(PipelineTest, NoReadRefreshesWhatIsStored) {
  ask(question({red}));
  Request fresh = question({red});
  fresh.cache.read = false;
  const Answer answer = ask(fresh);
  EXPECT_EQ(answer.report.response, Outcome::bypass);
  EXPECT_EQ(engine.generations, 2);
  EXPECT_EQ(ask(question({red})).report.response, Outcome::hit);
}

TEST_F(PipelineTest, Incident13AStoredEmbeddingOfAnotherShapeIsAMiss) {
  ask(question({red}));
  engine.embedding_bytes = 16;  // as after a change that the fingerprint missed
  const Answer answer = ask(question({red}, "where?"));
  EXPECT_TRUE(answer.report.images[0].preprocessed);
}

TEST(PipelineBudget, Incident11AnEmbeddingLargerThanItsLevelStillAnswers) {
  ScriptedEngine engine;
  Pipeline pipeline(engine, {.embedding_bytes_max = 100, .response_bytes_max = 0});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(pipeline.answer(question({red})));
  EXPECT_EQ(pipeline.stats().embedding.entries, 0u);
  EXPECT_EQ(engine.generations, 3);
}

TEST(PipelineBudget, SwitchedOffLevelsSayWhy) {
  ScriptedEngine engine;
  Pipeline pipeline(engine, {.embedding_bytes_max = 0, .response_bytes_max = 0});
  const auto answer = pipeline.answer(question({red}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->report.response_bypass, Bypass::off);
  EXPECT_EQ(answer->report.embedding_bypass, Bypass::off);
}

TEST(PipelineBudget, OneBudgetHoldsBothLevels) {
  ScriptedEngine engine;
  Pipeline pipeline(engine, {.shared_bytes_max = 1 << 20, .policy = PolicyKind::cost});
  ASSERT_TRUE(pipeline.answer(question({red})));
  const PipelineStats stats = pipeline.stats();
  EXPECT_EQ(stats.embedding.bytes_max, 1u << 20);
  EXPECT_EQ(stats.response.bytes_max, 1u << 20);
  EXPECT_GT(stats.embedding.entries, 0u);
  EXPECT_EQ(stats.response.entries, 1u);
  EXPECT_EQ(pipeline.answer(question({red}))->report.response, Outcome::hit);

  Pipeline off(engine, {.shared_bytes_max = 0});
  EXPECT_EQ(off.answer(question({red}))->report.embedding_bypass, Bypass::off);
}

TEST_F(PipelineTest, ABadPictureIsAClearErrorAndNothingIsStored) {
  const auto answer = pipeline.answer(question({red, {Blob::copy_of("no picture"), "notes.txt"}}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::invalid);
  EXPECT_TRUE(answer.error().message.starts_with("notes.txt: ")) << answer.error().message;
  EXPECT_EQ(pipeline.stats().embedding.entries, 0u);
  EXPECT_EQ(engine.prefills, 0);
}

TEST_F(PipelineTest, AMessageThatNamesNoPictureIsRefused) {
  Request request = question({red});
  request.messages[0].parts.emplace_back(ImageSlot{1});
  const auto answer = pipeline.answer(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::invalid);
}

TEST_F(PipelineTest, ARenderedPromptThatNamesNoPictureIsRefused) {
  const Request request{.prompt = Prompt{{"look: ", ImageSlot{1}, "?"}}, .sources = {red}};
  const auto answer = pipeline.answer(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::invalid);
  EXPECT_TRUE(answer.error().message.starts_with("the prompt names picture 2, but 1 ")) << answer.error().message;
}

TEST_F(PipelineTest, ARenderedPromptIsAnsweredAsItIs) {
  const Request request{.prompt = Prompt{{"look: ", ImageSlot{0}, "?"}}, .sources = {red}};
  const Answer answer = ask(request);
  EXPECT_TRUE(answer.text.starts_with("look: [")) << answer.text;
  EXPECT_EQ(ask(request).report.response, Outcome::hit);
}

TEST_F(PipelineTest, LayingOutComputesNothingAndAsksNoLevel) {
  Request request = question({halves, red});
  const auto laid_out = pipeline.lay_out(request);
  ASSERT_TRUE(laid_out);
  const Answer answer = ask(request);
  EXPECT_EQ(static_cast<std::int32_t>(laid_out->layout->tokens()), answer.prompt_tokens);
  EXPECT_EQ(static_cast<std::int32_t>(laid_out->layout->image_tokens()), answer.image_tokens);
  ASSERT_EQ(laid_out->image_keys.size(), 2U);
  EXPECT_EQ(laid_out->image_keys[0], answer.report.images[0].image_key);
  EXPECT_EQ(laid_out->image_sizes[1].width, 8U);
  EXPECT_EQ(laid_out->prompt.parts.size(), 4U);
  EXPECT_EQ(answer.report.response, Outcome::miss);
  ask(request);
  EXPECT_TRUE(pipeline.lay_out(request));
  EXPECT_EQ(engine.prefills, 1);
  EXPECT_EQ(engine.cuts, 2);
}

TEST_F(PipelineTest, WhatCannotBeAnsweredCannotBeLaidOut) {
  EXPECT_FALSE(pipeline.lay_out(question({{Blob::copy_of("text"), "notes.txt"}})));
  Request request = question({red});
  request.messages[0].parts.emplace_back(ImageSlot{1});
  EXPECT_FALSE(pipeline.lay_out(request));
}

TEST_F(PipelineTest, TextAloneIsAnsweredToo) {
  const Answer answer = ask(question({}, "hello"));
  EXPECT_EQ(answer.text, "<user>hello");
  EXPECT_EQ(answer.report.embedding_bypass, Bypass::no_images);
}

TEST_F(PipelineTest, IdenticalRequestsAtOnceAreComputedOnce) {
  constexpr int clients = 6;
  std::atomic<int> asking = 0;
  engine.before_generate = [&] {
    while (asking < clients) std::this_thread::yield();
    return Result<void>();
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&] {
      ++asking;
      EXPECT_TRUE(pipeline.answer(question({red})));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(engine.generations, 1);
}

TEST_F(PipelineTest, ManyThreadsGetTheirOwnAnswers) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 20; ++j) {
        const std::string text = "question " + std::to_string((i + j) % 10);
        const auto answer = pipeline.answer(question({j % 2 ? red : blue}, text));
        ASSERT_TRUE(answer);
        EXPECT_TRUE(answer->text.ends_with(text));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(engine.encodes, 2);
}

}  // namespace
}  // namespace fovea
