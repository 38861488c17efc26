#include "near/near_frames.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "near/drawn_tile.h"
#include "near/noise_model.h"

namespace fovea {
namespace {

using test::drawn_level;
using test::DrawnTile;

Key key_of(std::string_view text) { return KeyBuilder("test/near/1").field(text).finish(); }

// A source of its own, whose frames are encoded where nothing may be taken.
struct Source {
  Source(std::string_view of, std::uint32_t seed, std::uint32_t side = 96) : name(key_of(of)), tile(side, side, seed) {}

  NearFrames::Look show(NearFrames& frames, float noise = 2) {
    auto look = frames.look(name, tile.frame(noise));
    if (!look.embedding) {
      frame = KeyBuilder("test/near/1").field(name).field(encoded++).finish();
      frames.encoded(look, frame, {});
    }
    return look;
  }

  Key name, frame;
  DrawnTile tile;
  int encoded = 0;
};

NearOptions options(std::uint32_t every = 1000) { return {.level = drawn_level, .exact_every = every}; }

TEST(NearFrames, TakesTheEncodedTileOnceTheNoiseIsKnown) {
  NearFrames frames(options());
  Source source("one", 1);
  EXPECT_EQ(source.show(frames).outcome, NearOutcome::first);
  EXPECT_EQ(source.show(frames).outcome, NearOutcome::learning);
  for (int i = 0; i < 20; ++i) source.show(frames);
  int near = 0;
  for (int i = 0; i < 50; ++i) {
    const Key encoded_last = source.frame;
    const auto look = source.show(frames);
    if (!look.embedding) continue;
    ++near;
    EXPECT_EQ(*look.embedding, encoded_last);
    EXPECT_GT(look.age, 0U);
  }
  EXPECT_GT(near, 40);
}

TEST(NearFrames, AnIdenticalTileIsNear) {
  NearFrames frames(options());
  Source source("one", 2);
  for (int i = 0; i < 20; ++i) source.show(frames);
  const TileView view = source.tile.frame(2);
  const std::vector<float> values(view.values.begin(), view.values.end());
  const auto first = frames.look(source.name, {96, 96, values});
  frames.encoded(first, key_of("it"), {});
  const auto again = frames.look(source.name, {96, 96, values});
  ASSERT_TRUE(again.embedding);
  EXPECT_EQ(*again.embedding, key_of("it"));
}

TEST(NearFrames, EncodesOneOfSoManyFrames) {
  NearFrames frames(options(5));
  Source source("one", 3);
  int run = 0;
  for (int i = 0; i < 100; ++i) {
    const auto look = source.show(frames);
    run = look.embedding ? run + 1 : 0;
    EXPECT_LE(run, 4);
    if (look.embedding) {
      EXPECT_EQ(look.age, static_cast<std::uint32_t>(run));
    }
  }
  NearFrames never(options(1));
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(source.show(never).embedding);
}

// The reference is what was encoded: steps that are each within the noise do not add up.
TEST(NearFrames, SlowChangeDoesNotCreepIn) {
  NearFrames frames(options());
  Source source("one", 4);
  for (int i = 0; i < 30; ++i) source.show(frames, 3);
  const int before = source.encoded;
  for (int i = 0; i < 60; ++i) {
    source.tile.paint(40, 40, 12, 0.5F);
    source.show(frames, 3);
  }
  EXPECT_GE(source.encoded - before, 3) << "30 levels of change in sixty steps";
}

// A display whose digit changes in most frames. Once it stands still, frames are near again.
TEST(NearFrames, WhatChangesOftenIsNotLearntAsNoise) {
  NearFrames frames(options());
  Source source("display", 5);
  std::mt19937 random(7);
  int digit = 0;
  for (int i = 0; i < 100; ++i) {
    const int next = static_cast<int>(random() % 4);
    source.tile.paint(40, 40, 4, 12 * static_cast<float>(next - digit));
    digit = next;
    const NearOutcome outcome = source.show(frames).outcome;
    if (i <= static_cast<int>(NoiseModel::pairs_min)) continue;
    EXPECT_EQ(outcome, NearOutcome::too_noisy) << "frame " << i;
  }
  int near = 0;
  for (int i = 0; i < 200; ++i) near += source.show(frames).embedding ? 1 : 0;
  EXPECT_GT(near, 80);
}

TEST(NearFrames, AnotherLookAtAFrameIsNoFrame) {
  NearFrames frames(options());
  Source source("one", 6);
  int near = 0;
  std::uint32_t age = 0;
  for (int i = 0; i < 60; ++i) {
    const TileView view = source.tile.frame(2);
    const std::vector<float> values(view.values.begin(), view.values.end());
    NearFrames::Look look;
    for (int question = 0; question < 12; ++question) {
      look = frames.look(source.name, {96, 96, values}, question > 0);
      age = look.age;
    }
    if (!look.embedding) frames.encoded(look, key_of(std::to_string(i)), {});
    near += look.embedding ? 1 : 0;
    EXPECT_LE(age, 60U);
  }
  EXPECT_GT(near, 30);
}

// Frames are encoded in another order than they came: the last to come stays the reference.
TEST(NearFrames, ALateEncodeIsNoReference) {
  NearFrames frames(options());
  Source source("one", 8);
  for (int i = 0; i < 20; ++i) source.show(frames);
  const auto early = frames.look(source.name, source.tile.frame(2));
  const auto late = frames.look(source.name, source.tile.frame(2));
  frames.encoded(late, key_of("late"), {});
  frames.encoded(early, key_of("early"), {});
  NearFrames::Look look;
  for (int i = 0; i < 20 && !look.embedding; ++i) look = frames.look(source.name, source.tile.frame(2));
  ASSERT_TRUE(look.embedding);
  EXPECT_EQ(*look.embedding, key_of("late"));
}

TEST(NearFrames, ValuesThatAreNoNumbersAreNeverNear) {
  NearFrames frames(options());
  Source source("one", 9);
  for (int i = 0; i < 30; ++i) {
    const TileView view = source.tile.frame(2);
    std::vector<float> values(view.values.begin(), view.values.end());
    values[static_cast<std::size_t>(i) * 100] = std::numeric_limits<float>::quiet_NaN();
    const auto look = frames.look(source.name, {96, 96, values});
    EXPECT_FALSE(look.embedding);
    frames.encoded(look, key_of(std::to_string(i)), {});
  }
}

// Embeddings of noise around one of ones; the last is unusually far from them.
TEST(NearFrames, AnUnusualEmbeddingStandsForNothing) {
  NearFrames frames(options(10));
  Source source("one", 14);
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 0.01F);
  std::vector<float> values(64);
  const auto draw = [&](float far) {
    for (float& value : values) value = 1 + far * noise(random);
  };
  NearFrames::Look look;
  for (int i = 0; i < 60; ++i) {
    look = frames.look(source.name, source.tile.frame(2));
    draw(1);
    if (!look.embedding) frames.encoded(look, key_of("usual " + std::to_string(i)), values);
  }
  int more = 0;
  while (look.outcome != NearOutcome::due) {
    look = frames.look(source.name, source.tile.frame(2));
    if (!look.embedding && look.outcome != NearOutcome::due)
      frames.encoded(look, key_of("more " + std::to_string(more++)), values);
  }
  draw(10);
  frames.encoded(look, key_of("unusual"), values);
  EXPECT_EQ(frames.look(source.name, source.tile.frame(2)).outcome, NearOutcome::unsettled);
}

RC_GTEST_PROP(NearFramesProperty, AnotherSourceNeverMatches, ()) {
  NearFrames frames(options());
  std::vector<Source> sources;
  const auto count = *rc::gen::inRange(2, 5);
  // They see the very same scene.
  for (int i = 0; i < count; ++i) sources.emplace_back(std::to_string(i), 5);
  for (int i = 0; i < 60; ++i) {
    Source& source = sources[*rc::gen::inRange<std::size_t>(0, sources.size())];
    const Key encoded_last = source.frame;
    const auto look = source.show(frames);
    if (look.embedding) RC_ASSERT(*look.embedding == encoded_last);
  }
}

// A thing of 4 % of the side.
RC_GTEST_PROP(NearFramesProperty, AnAppearanceIsRefused, ()) {
  const auto side = *rc::gen::element<std::uint32_t>(96, 112, 196);
  const auto noise = static_cast<float>(*rc::gen::element(1, 2, 4));
  const auto contrast = static_cast<float>(*rc::gen::inRange(50, 90)) * (*rc::gen::arbitrary<bool>() ? 1.0F : -1.0F);
  const auto thing = side * 4 / 100;
  const auto x = *rc::gen::inRange<std::uint32_t>(0, side - thing),
             y = *rc::gen::inRange<std::uint32_t>(0, side - thing);
  NearFrames frames(options());
  Source source("one", *rc::gen::arbitrary<std::uint32_t>(), side);
  source.tile.paint(0, 0, side, -contrast / 2);  // so that the thing is not lost in black or white
  for (int i = 0; i < 16; ++i) source.show(frames, noise);
  source.tile.paint(x, y, thing, contrast);
  RC_ASSERT(!source.show(frames, noise).embedding);
}

RC_GTEST_PROP(NearFramesProperty, MemoryStaysWithinTheBound, ()) {
  NearOptions bounded = options();
  bounded.bytes_max = *rc::gen::inRange<std::size_t>(0, 300'000);
  NearFrames frames(bounded);
  for (int i = 0; i < 60; ++i) {
    const auto side = *rc::gen::element<std::uint32_t>(1, 30, 64, 96);
    Source source(std::to_string(*rc::gen::inRange(0, 8)), 6, side);
    source.show(frames);
    RC_ASSERT(frames.bytes() <= bounded.bytes_max);
  }
}

TEST(NearFrames, BytesAreThoseOfItsNumbers) {
  // 756 cells of a tile of 96 by 96, three channels and brightness, eight numbers.
  EXPECT_GE(NearFrames::bytes_for(96, 96), 756U * 4 * 8 * 4);
  EXPECT_LE(NearFrames::bytes_for(96, 96), 756U * 4 * 8 * 4 + 24576);
}

TEST(NearFrames, DropsTheSourceThatWasNotLookedAtForLongest) {
  NearOptions bounded = options();
  bounded.bytes_max = 2 * NearFrames::bytes_for(96, 96);
  NearFrames frames(bounded);
  Source one("one", 7), two("two", 8), three("three", 9);
  for (Source* source : {&one, &two}) {
    for (int i = 0; i < 20; ++i) source->show(frames);
  }
  one.show(frames);
  three.show(frames);
  EXPECT_EQ(frames.sources(), 2U);
  EXPECT_NE(one.show(frames).outcome, NearOutcome::first);
  EXPECT_EQ(two.show(frames).outcome, NearOutcome::first);
}

TEST(NearFrames, ASourceOfAnotherSizeBeginsAnew) {
  NearFrames frames(options());
  Source source("one", 10);
  for (int i = 0; i < 20; ++i) source.show(frames);
  source.tile = DrawnTile(64, 96, 10);
  EXPECT_EQ(source.show(frames).outcome, NearOutcome::first);
  EXPECT_EQ(frames.sources(), 1U);
}

TEST(NearFrames, NothingIsTakenOverAPurge) {
  NearFrames frames(options());
  Source source("one", 11);
  for (int i = 0; i < 20; ++i) source.show(frames);
  const auto before = frames.look(source.name, source.tile.frame(2));
  frames.purge();
  frames.encoded(before, key_of("purged"), {});
  EXPECT_EQ(frames.bytes(), 0U);
  EXPECT_EQ(source.show(frames).outcome, NearOutcome::first);
}

TEST(NearFrames, APurgedSourceBeginsAnewAndOthersDoNot) {
  NearFrames frames(options());
  Source one("one", 12), two("two", 13);
  for (Source* source : {&one, &two}) {
    for (int i = 0; i < 20; ++i) source->show(frames);
  }
  frames.purge(one.name);
  frames.purge(key_of("nobody"));
  EXPECT_EQ(frames.bytes(), NearFrames::bytes_for(96, 96));
  EXPECT_EQ(one.show(frames).outcome, NearOutcome::first);
  EXPECT_NE(two.show(frames).outcome, NearOutcome::first);
}

TEST(NearFrames, SourcesAreLookedAtSideBySide) {
  NearOptions bounded = options();
  bounded.bytes_max = 3 * NearFrames::bytes_for(48, 48);
  NearFrames frames(bounded);
  std::vector<std::thread> threads;
  for (std::uint32_t number = 0; number < 4; ++number) {
    threads.emplace_back([&frames, number] {
      // Two threads a source, whose encodes may overtake each other.
      Source source(std::to_string(number % 2), number, 48);
      for (int i = 0; i < 50; ++i) source.show(frames);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(frames.bytes(), bounded.bytes_max);
}

}  // namespace
}  // namespace fovea
