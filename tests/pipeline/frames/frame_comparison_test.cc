// Near frames on a request's whole way: what they take, what they are called, what is told, and who is exact.
#include "pipeline/frames/frame_comparison.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "pipeline/frames/drawn_camera.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"
#include "store/faulty_tier.h"

namespace fovea {
namespace {

using test::DrawnCamera;
using test::plain_png;

Key camera(std::string_view name) { return KeyBuilder("camera").field(name).finish(); }

class FrameComparisonTest : public testing::Test {
 protected:
  FrameComparisonTest() { engine.shows_tiles = true; }

  Request request(const ImageSource& image, const std::string& question = "what?") {
    return {.messages = {{"user", {ImageSlot{0}, question}}},
            .sources = {image},
            .tenant = "ada",
            .camera = camera("door")};
  }
  Answer ask(const Request& of) { return pipeline.answer(of).value(); }

  // Frames until one is near as a whole; its answer.
  std::optional<Answer> ask_until_near(const std::string& question = "what?") {
    for (int i = 0; i < 60; ++i) {
      Answer answer = ask(request(scene.frame(), question));
      if (answer.report.frames->outcome == Outcome::hit) return answer;
    }
    return std::nullopt;
  }
  // How the picture is answered without any cache.
  std::string exact_answer(const ImageSource& image) {
    Request exact = request(image);
    exact.cache = {.read = false, .write = false};
    return ask(exact).text;
  }

  test::ScriptedEngine engine;
  DrawnCamera scene{1};
  Pipeline pipeline{engine, {.frames = FrameOptions{.exact_every = 1000}}};
};

TEST_F(FrameComparisonTest, ANearFrameIsAnsweredAsTheOneItIsNearTo) {
  const auto near = ask_until_near();
  ASSERT_TRUE(near);
  const RequestReport& report = near->report;
  EXPECT_EQ(report.frames->tiles, 2u);
  EXPECT_EQ(report.frames->tiles_near, 2u);
  EXPECT_EQ(report.frames->approximate_tokens, 2) << "an embedding of the scripted engine is one token";
  EXPECT_EQ(report.images[0].tiles_near, 2u);
  const int encodes = engine.encodes;
  const auto again = ask_until_near();
  ASSERT_TRUE(again);
  EXPECT_EQ(engine.encodes, encodes) << "the next frame of a still scene is near, too";
  EXPECT_EQ(again->report.response, Outcome::hit) << "the answer to the same question is the same frame's";
  EXPECT_EQ(again->text, near->text);
  EXPECT_NE(again->report.images[0].image_key, report.images[0].image_key) << "frames keep their own keys";
  const auto another = ask_until_near("why?");
  ASSERT_TRUE(another);
  EXPECT_EQ(another->report.response, Outcome::miss);
  EXPECT_EQ(another->report.prefix, Outcome::hit);
}

TEST_F(FrameComparisonTest, WhatAppearsIsEncodedAndTheRestIsTaken) {
  ASSERT_TRUE(ask_until_near());
  const int encodes = engine.encodes;
  scene.paint(40, 10, 8, 60);  // in the right half
  const ImageSource changed = scene.frame();
  const Answer answer = ask(request(changed));
  EXPECT_EQ(engine.encodes, encodes + 1);
  EXPECT_EQ(answer.report.frames->outcome, Outcome::miss);
  EXPECT_EQ(answer.report.frames->tiles_near, 1u);
  EXPECT_EQ(answer.report.response, Outcome::miss);
  const std::string exact = exact_answer(changed);
  const std::size_t right = exact.rfind('[');
  EXPECT_EQ(answer.text.substr(answer.text.rfind('[')), exact.substr(right)) << "the right half is the frame's own";
  EXPECT_NE(answer.text, exact) << "the left half is another frame's";
  // The composed picture is no picture: asked about exactly, the frame is computed.
  Request unnamed = request(changed);
  unnamed.camera.reset();
  const Answer asked_exactly = ask(unnamed);
  EXPECT_EQ(asked_exactly.report.response, Outcome::miss);
  EXPECT_EQ(asked_exactly.text, exact);
}

TEST_F(FrameComparisonTest, RequestsThatNameNoCameraOrMayNotUseTheCacheAreExact) {
  ASSERT_TRUE(ask_until_near());
  struct Case {
    Bypass bypass;
    bool named, read, write;
  };
  for (const Case& of : {Case{Bypass::no_camera, false, true, true},
                         {Bypass::no_cache, true, false, false},
                         {Bypass::no_read, true, false, true},
                         {Bypass::no_write, true, true, false}}) {
    const ImageSource image = scene.frame();
    Request exact = request(image);
    if (!of.named) exact.camera.reset();
    exact.cache = {.read = of.read, .write = of.write};
    const Answer answer = ask(exact);
    EXPECT_EQ(answer.report.frames->bypass, of.bypass);
    EXPECT_EQ(answer.report.frames->outcome, Outcome::bypass);
    EXPECT_EQ(answer.report.frames->approximate_tokens, 0);
    EXPECT_EQ(answer.text, exact_answer(image));
  }
  EXPECT_EQ(ask(request(scene.frame())).report.frames->bypass, Bypass::none);
}

TEST_F(FrameComparisonTest, AFrameThatIsKnownExactlyStaysItself) {
  ASSERT_TRUE(ask_until_near());
  const ImageSource image = scene.frame();
  Request unnamed = request(image);
  unnamed.camera.reset();
  const std::string exact = ask(unnamed).text;
  const Answer named = ask(request(image));
  EXPECT_EQ(named.report.frames->bypass, Bypass::known_frame);
  EXPECT_EQ(named.report.response, Outcome::hit);
  EXPECT_EQ(named.text, exact);
}

TEST_F(FrameComparisonTest, AnotherTenantSaltCameraOrPlaceTakesNothing) {
  ASSERT_TRUE(ask_until_near());
  const auto never_near = [&](Request of) {
    // By then its own frames could be near: only the first ones say whose these would be.
    for (int i = 0; i < 4; ++i) {
      of.sources.back() = scene.frame();
      EXPECT_EQ(ask(of).report.frames->tiles_near, 0u);
    }
  };
  Request of = request(scene.frame());
  of.tenant = "bob";
  never_near(of);
  of = request(scene.frame());
  of.cache_salt = "salt";
  never_near(of);
  of = request(scene.frame());
  of.camera = camera("window");
  never_near(of);
  of = request(scene.frame());
  of.sources = {plain_png(8, 8, {1, 2, 3}), scene.frame()};
  of.messages = {{"user", {ImageSlot{0}, ImageSlot{1}, "what?"}}};
  never_near(of);
}

// The embedding level has lost what the frame is near to; the memory of frames has not.
TEST_F(FrameComparisonTest, AnEvictedEmbeddingIsNotMissed) {
  Pipeline small(engine, {.embedding_bytes_max = 600,
                          .prefix_bytes_max = 0,
                          .response_bytes_max = 0,
                          .frames = FrameOptions{.exact_every = 1000}});
  int near = 0;
  for (int i = 0; i < 80; ++i) {
    const ImageSource image = scene.frame();
    const int encodes = engine.encodes;
    const Answer answer = small.answer(request(image)).value();
    const int own_encodes = engine.encodes - encodes;
    // Pushes out what the level holds.
    small
        .answer({.messages = {{"user", {ImageSlot{0}, "?"}}},
                 .sources = {plain_png(8, 8, {static_cast<std::uint8_t>(i), 0, 0})},
                 .tenant = "ada"})
        .value();
    if (answer.report.frames->outcome != Outcome::hit) continue;
    ++near;
    EXPECT_EQ(answer.report.images[0].tiles_hit, 2u);
    EXPECT_EQ(own_encodes, 0);
  }
  EXPECT_GT(near, 10);
}

TEST_F(FrameComparisonTest, APurgeOfAFrameTakesWhatWasStoredBecauseOfIt) {
  ASSERT_TRUE(ask_until_near());
  const auto asked = ask_until_near("how many?");
  ASSERT_TRUE(asked);
  ASSERT_TRUE(asked->report.response_stored);
  EXPECT_GE(pipeline.purge(asked->report.images[0].image_key, "ada"), 1u) << "the answer, under the other's key";
  const Answer answer = ask(request(scene.frame(), "how many?"));
  EXPECT_EQ(answer.report.response, Outcome::miss);
  EXPECT_EQ(answer.report.frames->tiles_near, 0u) << "the frame had been looked at last";
}

TEST_F(FrameComparisonTest, APurgeOfWhatFramesAreNearToMakesThemExact) {
  std::vector<Key> seen;
  for (int i = 0; i < 40; ++i) seen.push_back(ask(request(scene.frame())).report.images[0].image_key);
  ASSERT_TRUE(ask_until_near());
  for (const Key& image : seen) pipeline.purge(image, "ada");  // what it is near to is one of them
  const Answer answer = ask(request(scene.frame()));
  EXPECT_EQ(answer.report.frames->tiles_near, 0u);
  EXPECT_EQ(answer.report.response, Outcome::miss);
  ASSERT_TRUE(ask_until_near());
  pipeline.purge("ada");
  EXPECT_EQ(ask(request(scene.frame())).report.frames->tiles_near, 0u);
}

// What a follower of a shared tier's log does.
TEST_F(FrameComparisonTest, APurgeElsewhereReachesWhatFramesAreNearTo) {
  Tiers tiers;
  tiers.push_back(std::make_unique<TierLane>(std::make_unique<test::FaultyTier>(TierKind::shared), TierLaneOptions{}));
  Pipeline shared(engine, {.tiers = &tiers, .frames = FrameOptions{.exact_every = 1000}});
  const auto near = [&] { return shared.answer(request(scene.frame()))->report.frames->tiles_near; };
  for (int i = 0; i < 60 && near() < 2; ++i) continue;
  ASSERT_EQ(near(), 2u);
  const PurgeLabel label{.tenant = tenant_label("ada"), .image = {}};
  tiers[0]->listeners().tell(std::span(&label, 1));
  EXPECT_EQ(near(), 0u);
}

// A request that computes has the only permit.
TEST_F(FrameComparisonTest, WithoutRoomForARequestNothingIsCompared) {
  Pipeline narrow(engine, {.requests_max = 1, .frames = FrameOptions{}});
  Request stored = request(scene.frame());
  ASSERT_TRUE(narrow.answer(stored));
  engine.generate_gate.close();
  std::jthread computing([&] { EXPECT_TRUE(narrow.answer(request(scene.frame(), "why?"))); });
  engine.generate_gate.wait_for(1);
  EXPECT_EQ(narrow.answer(request(scene.frame())).error().fault, Fault::unavailable);
  Request text{.messages = {{"user", {"hello"}}}, .tenant = "ada"};
  EXPECT_EQ(narrow.answer(text).error().fault, Fault::unavailable) << "it computes, too";
  engine.generate_gate.open();
  computing.join();
  EXPECT_EQ(narrow.computing(), 0u);
  EXPECT_EQ(narrow.answer(text)->report.frames->bypass, Bypass::no_images);
}

TEST_F(FrameComparisonTest, WhoWantsAStoredAnswerOnlyIsNotCompared) {
  Request stored = request(scene.frame());
  stored.cache.only_stored = true;
  const int cuts = engine.cuts;
  EXPECT_EQ(pipeline.answer(stored).error().fault, Fault::not_found);
  EXPECT_EQ(engine.cuts, cuts) << "nothing is computed";
}

// It is no new frame: neither the noise nor the count of frames may change by it.
TEST_F(FrameComparisonTest, MoreQuestionsAboutAFrameAreNoMoreFrames) {
  Pipeline often(engine, {.response_bytes_max = 0, .frames = FrameOptions{.exact_every = 12}});
  const auto near = [&](const ImageSource& image) { return often.answer(request(image))->report.frames->tiles_near; };
  ImageSource image = scene.frame();
  for (int i = 0; i < 60 && near(image) < 2; ++i) image = scene.frame();
  for (int question = 0; question < 30; ++question) EXPECT_EQ(near(image), 2u) << "the same frame, again";
}

// What a near frame was taken for is purged while its answer is generated.
TEST_F(FrameComparisonTest, NothingIsStoredOfWhatWasPurgedMeanwhile) {
  ASSERT_TRUE(ask_until_near());
  engine.before_generate = [&]() -> Result<void> {
    pipeline.purge("ada");
    return {};
  };
  const Answer answer = ask(request(scene.frame(), "why?"));
  engine.before_generate = nullptr;
  ASSERT_EQ(answer.report.frames->tiles_near, 2u);
  EXPECT_FALSE(answer.report.response_stored);
  EXPECT_EQ(pipeline.stats().response.entries, 0u);
  EXPECT_EQ(pipeline.stats().prefix.entries, 0u);
}

TEST_F(FrameComparisonTest, WithoutTheEmbeddingLevelNothingIsCompared) {
  Pipeline without(engine, {.embedding_bytes_max = 0, .frames = FrameOptions{}});
  EXPECT_EQ(without.answer(request(scene.frame()))->report.frames->bypass, Bypass::off);
}

TEST_F(FrameComparisonTest, NothingIsToldWhereNearFramesAreOff) {
  Pipeline exact(engine, {});
  for (int i = 0; i < 30; ++i) {
    const ImageSource image = scene.frame();
    const Answer answer = exact.answer(request(image)).value();
    EXPECT_FALSE(answer.report.frames);
    EXPECT_EQ(answer.text, exact_answer(image));
  }
}

TEST_F(FrameComparisonTest, AStoppedRequestIsNotCompared) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(pipeline.answer(request(scene.frame()), {}, stop.get_token()).error().fault, Fault::cancelled);
}

}  // namespace
}  // namespace fovea
