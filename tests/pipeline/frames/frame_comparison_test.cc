// Near frames on a request's whole way: what they take, what they are called, what is told, and who is exact.
#include "pipeline/frames/frame_comparison.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "pipeline/frames/drawn_camera.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"
#include "store/faulty_tier.h"
#include "store/manual_clock.h"

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
  static std::uint32_t count(const Answer& answer, FrameTile tile) {
    return answer.report.frames->tiles_by[static_cast<std::size_t>(tile)];
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

// A second question about a frame that is near in part, and the next frame: both are that composed picture.
TEST_F(FrameComparisonTest, WhatIsComposedIsFoundAgain) {
  ASSERT_TRUE(ask_until_near());
  scene.paint(40, 10, 8, 60);
  const ImageSource changed = scene.frame();
  const Answer first = ask(request(changed));
  ASSERT_EQ(first.report.frames->tiles_near, 1u);
  ASSERT_EQ(count(first, FrameTile::changed), 1u);
  const int encodes = engine.encodes;
  const Answer second = ask(request(changed, "why?"));
  EXPECT_EQ(engine.encodes, encodes);
  EXPECT_EQ(count(second, FrameTile::near), 1u);
  EXPECT_EQ(count(second, FrameTile::same), 1u) << "the tile that was encoded";
  EXPECT_EQ(second.report.prefix, Outcome::hit);
  EXPECT_EQ(ask(request(changed, "why?")).report.response, Outcome::hit);
}

// The right half is white in every frame, which no noise changes.
TEST_F(FrameComparisonTest, AnEqualTileIsThatOfWhatTheOthersAreNearTo) {
  scene.paint(scene.width / 2, 0, scene.height, 1000);
  const auto near = ask_until_near();
  ASSERT_TRUE(near);
  EXPECT_EQ(count(*near, FrameTile::near), 1u);
  EXPECT_EQ(count(*near, FrameTile::same), 1u);
  EXPECT_EQ(near->report.frames->approximate_tokens, 1) << "an equal tile is exact";
  const int encodes = engine.encodes;
  for (int i = 0; i < 3; ++i) {
    const ImageSource image = scene.frame();
    const Answer again = ask(request(image));
    EXPECT_EQ(again.report.frames->outcome, Outcome::hit);
    EXPECT_EQ(again.report.response, Outcome::hit) << "it is the picture that was encoded";
    EXPECT_EQ(again.text, near->text);
    EXPECT_NE(again.text, exact_answer(image));
  }
  EXPECT_EQ(engine.encodes, encodes + 3 * 2) << "those of the exact answers";
}

TEST_F(FrameComparisonTest, MaxAgeBoundsTheAgeOfWhatAFrameIsTakenFor) {
  test::ManualClock clock;
  Pipeline aging(engine, {.frames = FrameOptions{.exact_every = 1000, .clock = &clock}});
  const auto asked = [&](std::optional<double> age_max_s) {
    Request of = request(scene.frame());
    of.cache.age_max_s = age_max_s;
    return aging.answer(of).value();
  };
  const auto until_near = [&](double age_max_s) {
    for (int i = 0; i < 60; ++i) {
      if (asked(age_max_s).report.frames->tiles_near == 2) return true;
    }
    return false;
  };
  ASSERT_TRUE(until_near(10));
  clock.pass(20'000);
  EXPECT_EQ(asked(std::nullopt).report.frames->tiles_near, 2u);
  EXPECT_EQ(asked(20).report.frames->tiles_near, 2u);
  const Answer fresh = asked(10);
  EXPECT_EQ(fresh.report.frames->tiles_near, 0u);
  EXPECT_EQ(count(fresh, FrameTile::too_old), 2u);
  EXPECT_EQ(fresh.report.response, Outcome::miss);
  EXPECT_TRUE(until_near(10)) << "to the frame that was encoded for it";
}

TEST_F(FrameComparisonTest, ALargeImageIsPreprocessedAgainAndNotKept) {
  const auto cuts_of = [&](std::uint32_t side) {
    const int before = engine.cuts;
    ask(request(plain_png(side, side, {1, 2, 3})));
    return engine.cuts - before;
  };
  EXPECT_EQ(cuts_of(64), 1);
  EXPECT_EQ(cuts_of(2400), 2) << "its 17 million values are not kept";
}

TEST_F(FrameComparisonTest, AnEncoderThatDoesNotShowItsInputIsToldOnceAndLeftAlone) {
  engine.hides_input = true;
  std::vector<std::string> told;
  FrameOptions options;
  options.tell = [&](std::string_view sentence) { told.emplace_back(sentence); };
  Pipeline hidden(engine, {.frames = options});
  const auto asked = [&] {
    const ImageSource image = scene.frame();
    const Answer answer = hidden.answer(request(image)).value();
    EXPECT_EQ(answer.text, exact_answer(image));
    return answer;
  };
  const Answer first = asked();
  EXPECT_EQ(count(first, FrameTile::unreadable), 2u);
  EXPECT_EQ(first.report.frames->outcome, Outcome::miss);
  const int cuts = engine.cuts;
  EXPECT_EQ(asked().report.frames->bypass, Bypass::unreadable_input);
  EXPECT_EQ(asked().report.frames->bypass, Bypass::unreadable_input);
  EXPECT_EQ(engine.cuts, cuts + 4) << "once for each answer";
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("does not show what it is fed"), std::string::npos);
}

TEST_F(FrameComparisonTest, ARequestThatWillBeRefusedIsNotCompared) {
  ASSERT_TRUE(ask_until_near());
  engine.prompts_fit = fail(Fault::invalid, "the prompt is too long");
  const int cuts = engine.cuts;
  const auto refused = pipeline.answer(request(scene.frame()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the prompt is too long");
  EXPECT_EQ(engine.cuts, cuts);
}

// Which no other test reaches: what is known of the tenant's own stays.
TEST_F(FrameComparisonTest, APurgeOfAnotherTenantInTheMiddleChangesNothing) {
  ASSERT_TRUE(ask_until_near());
  engine.before_generate = [&]() -> Result<void> {
    pipeline.purge("bob");
    return {};
  };
  const Answer answer = ask(request(scene.frame(), "why?"));
  engine.before_generate = nullptr;
  ASSERT_EQ(answer.report.frames->tiles_near, 2u);
  EXPECT_TRUE(answer.report.response_stored);
}

TEST_F(FrameComparisonTest, WhatIsKeptIsTold) {
  EXPECT_FALSE(Pipeline(engine, {}).frame_memory());
  Pipeline bounded(engine, {.frames = FrameOptions{.bytes_max = 1 << 20}});
  EXPECT_EQ(bounded.frame_memory()->sources, 0u);
  bounded.answer(request(scene.frame())).value();
  EXPECT_EQ(bounded.frame_memory()->sources, 2u) << "one for each tile";
  EXPECT_GT(bounded.frame_memory()->bytes, 1000u);
}

// Whoever reads events sends requests about a picture where something is held of it.
class FrameEventsTest : public FrameComparisonTest {
 protected:
  using Images = std::set<Key>;
  // The images that something other than embeddings is held of.
  static Images held(Pipeline& of) {
    Images images;
    for (const PictureHolding& holding : of.events().page(std::nullopt, 1000)) {
      if (holding.picture.kind != RecordKind::embedding) images.insert(holding.picture.image);
    }
    return images;
  }
};

TEST_F(FrameEventsTest, TellOfPicturesThatARequestFindsAlone) {
  const auto reader = pipeline.events().follow();
  ASSERT_TRUE(ask_until_near());
  const Images encoded = held(pipeline);
  const auto near = ask_until_near("why?");
  ASSERT_TRUE(near);
  ASSERT_TRUE(near->report.response_stored);
  EXPECT_FALSE(encoded.contains(near->report.images[0].image_key));
  EXPECT_EQ(held(pipeline), encoded) << "the answer is that of a picture that was told before";
  scene.paint(40, 10, 8, 60);
  const Answer composed = ask(request(scene.frame()));
  ASSERT_EQ(composed.report.frames->tiles_near, 1u);
  EXPECT_EQ(held(pipeline), encoded) << "a composed picture is nobody's";
}

// The entry is found by the frame that it is of, and its labels come with it.
TEST_F(FrameEventsTest, TellTheSameOfWhatWasHeldBeforeAndOfWhatComesFromATier) {
  Tiers tiers;
  tiers.push_back(std::make_unique<TierLane>(std::make_unique<test::FaultyTier>(TierKind::shared), TierLaneOptions{}));
  std::vector<ImageSource> encoded;
  Key own;
  {
    Pipeline first(engine, {.tiers = &tiers, .frames = FrameOptions{.exact_every = 1000}});
    while (own == Key{} && encoded.size() < 60) {
      const ImageSource image = scene.frame();
      if (first.answer(request(image))->report.frames->tiles_near == 0)
        encoded.push_back(image);
      else if (const Answer asked = first.answer(request(image, "why?")).value(); asked.report.frames->tiles_near == 2)
        own = asked.report.images[0].image_key;
    }
    ASSERT_NE(own, Key{});
    const auto reader = first.events().follow();
    EXPECT_FALSE(held(first).contains(own)) << "of what was held before somebody read";
    ASSERT_TRUE(tiers[0]->wait_until_written(std::chrono::steady_clock::now() + std::chrono::seconds(60)));
  }
  Pipeline second(engine, {.tiers = &tiers});
  const auto reader = second.events().follow();
  int found = 0;
  for (const ImageSource& image : encoded) {
    Request exact = request(image, "why?");
    exact.cache.only_stored = true;
    const auto answer = second.answer(exact);
    if (!answer) continue;
    ++found;
    EXPECT_EQ(answer->report.lookups[0].found_in, TierKind::shared);
    EXPECT_EQ(held(second), Images{answer->report.images[0].image_key});
  }
  EXPECT_EQ(found, 1) << "the near frame's answer, under the key of what it is near to";
  EXPECT_EQ(second.purge(own, "ada"), 1u) << "and a purge of the frame reaches it";
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
