// What is remembered of frames, for how long, and what a purge leaves of it: nothing.
#include "pipeline/frames/frame_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "near/drawn_tile.h"
#include "store/manual_clock.h"

namespace fovea {
namespace {

Key key(std::string_view text) { return KeyBuilder("test").field(text).finish(); }

class FrameMemoryTest : public testing::Test {
 protected:
  static constexpr std::uint32_t side = 32;

  // A frame, remembered where it is not near.
  FrameMemory::Look see(std::string_view source, std::string_view tenant, const Key& image) {
    FrameMemory::Look look = memory.look(key(source), key(tenant), image, tile.frame(2));
    if (!look.is_near()) memory.encoded(look, encoded(image));
    return look;
  }
  // Frames of ada's camera until one is near; what it is near to.
  std::optional<EncodedTile> see_near() {
    for (int i = 0; i < 60; ++i) {
      if (auto look = see("camera", "ada", next_frame()); look.is_near()) return look.encoded;
    }
    return std::nullopt;
  }
  Key next_frame() { return KeyBuilder("frame").field(++frames).finish(); }
  static EncodedTile encoded(const Key& image) {
    constexpr std::array<float, 4> embedding{1, 2, 3, 4};
    return {.embedding_key = KeyBuilder("test").field(image).field("tile").finish(),
            .embedding = Blob::copy_of(std::as_bytes(std::span(embedding))),
            .encode_ms = 7,
            .image_key = image};
  }

  test::DrawnTile tile{side, side, 1};
  FrameMemory memory{{.level = test::drawn_level, .exact_every = 1000}};
  const Key picture = key("image");
  int frames = 0;
};

TEST_F(FrameMemoryTest, ANearTileComesWithAllOfWhatItIsNearTo) {
  const auto near_to = see_near();
  ASSERT_TRUE(near_to);
  EXPECT_EQ(near_to->embedding_key, encoded(near_to->image_key).embedding_key);
  EXPECT_EQ(near_to->embedding.text(), encoded(picture).embedding.text());
  EXPECT_EQ(near_to->encode_ms, 7);
  EXPECT_EQ(memory.use().sources, 1u);
}

TEST_F(FrameMemoryTest, TheSameFrameAgainIsNoNewFrame) {
  ASSERT_TRUE(see_near());
  const Key frame = next_frame();
  const TileView view = tile.frame(2);
  const auto first = memory.look(key("camera"), key("ada"), frame, view);
  for (int i = 0; i < 20; ++i) {
    const auto again = memory.look(key("camera"), key("ada"), frame, view);
    EXPECT_EQ(again.outcome, first.outcome);
    EXPECT_EQ(again.cells.age, first.cells.age);
  }
}

TEST_F(FrameMemoryTest, OtherSourcesKnowNothingOfIt) {
  ASSERT_TRUE(see_near());
  EXPECT_EQ(memory.look(key("other"), key("ada"), picture, tile.frame(2)).outcome, NearOutcome::first);
}

TEST_F(FrameMemoryTest, APurgeOfThePictureTakesWhatIsNearToIt) {
  const auto near_to = see_near();
  ASSERT_TRUE(near_to);
  memory.purge({.tenant = key("bob"), .image = near_to->image_key});
  memory.purge({.tenant = key("ada"), .image = key("another")});
  EXPECT_EQ(memory.use().sources, 1u) << "another tenant's, and another picture";
  memory.purge({.tenant = key("ada"), .image = near_to->image_key});
  EXPECT_EQ(memory.use().sources, 0u);
  EXPECT_EQ(memory.use().bytes, 0u);
  EXPECT_EQ(memory.look(key("camera"), key("ada"), picture, tile.frame(2)).outcome, NearOutcome::first);
}

TEST_F(FrameMemoryTest, APurgeOfAFrameThatWasOnlyLookedAtTakesItsCells) {
  ASSERT_TRUE(see_near());
  memory.look(key("camera"), key("ada"), key("frame"), tile.frame(2));
  memory.purge({.tenant = key("ada"), .image = key("frame")});
  EXPECT_EQ(memory.use().sources, 0u);
}

TEST_F(FrameMemoryTest, ATenantAndEverythingArePurged) {
  see("camera", "ada", picture);
  see("camera 2", "bob", picture);
  memory.purge({.tenant = key("ada"), .image = {}});
  EXPECT_EQ(memory.use().sources, 1u);
  memory.purge(PurgeLabel::of_everything());
  EXPECT_EQ(memory.use().sources, 0u);
}

TEST_F(FrameMemoryTest, WhatWasLookedAtBeforeAPurgeIsNotRemembered) {
  const auto look = memory.look(key("camera"), key("ada"), picture, tile.frame(2));
  memory.purge({.tenant = key("ada"), .image = picture});
  memory.encoded(look, encoded(picture));
  EXPECT_EQ(memory.use().sources, 0u);
  for (int i = 0; i < 40; ++i)
    EXPECT_FALSE(memory.look(key("camera"), key("ada"), key("frame"), tile.frame(2)).is_near())
        << "nothing was encoded";
}

TEST_F(FrameMemoryTest, AnothersPurgeMeanwhileChangesNothing) {
  const auto look = memory.look(key("camera"), key("ada"), picture, tile.frame(2));
  memory.purge({.tenant = key("bob"), .image = {}});
  memory.encoded(look, encoded(picture));
  EXPECT_TRUE(memory.look(key("camera"), key("ada"), key("frame"), tile.frame(2)).encoded) << "it was remembered";
  EXPECT_FALSE(memory.purged_since(look.purges, key("ada")));
  EXPECT_TRUE(memory.purged_since(look.purges, key("bob")));
}

TEST_F(FrameMemoryTest, EverybodysPurgeAndTooManyOnesAreTheTenantsOwn) {
  const std::uint64_t before = memory.purges();
  memory.purge(PurgeLabel::of_everything());
  EXPECT_TRUE(memory.purged_since(before, key("ada")));
  const auto look = memory.look(key("camera"), key("ada"), picture, tile.frame(2));
  for (int i = 0; i < 256; ++i) memory.purge({.tenant = key("bob"), .image = {}});
  EXPECT_FALSE(memory.purged_since(look.purges, key("ada")));
  memory.purge({.tenant = key("bob"), .image = {}});
  EXPECT_TRUE(memory.purged_since(look.purges, key("ada"))) << "nobody knows whose the first one was";
  memory.encoded(look, encoded(picture));
  EXPECT_FALSE(memory.look(key("camera"), key("ada"), key("frame"), tile.frame(2)).encoded);
}

TEST_F(FrameMemoryTest, AFrameIsAsOldAsItsLook) {
  test::ManualClock clock;
  FrameMemory aging{{.level = test::drawn_level, .exact_every = 1000}, clock};
  const auto look = [&](const Key& frame) { return aging.look(key("camera"), key("ada"), frame, tile.frame(2)); };
  const auto late = look(key("late")), first = look(picture);
  clock.pass(3000);
  const auto second = look(key("second"));
  EXPECT_FALSE(second.encoded);
  aging.encoded(first, encoded(picture));
  EXPECT_EQ(look(key("third")).encoded_age_s, 3) << "encoding takes time, and the frame was seen before";
  aging.encoded(second, encoded(key("second")));
  clock.pass(1000);
  EXPECT_EQ(look(key("fourth")).encoded_age_s, 1);
  aging.encoded(look(key("second")), encoded(key("second")));
  EXPECT_EQ(look(key("fourth again")).encoded_age_s, 1) << "another question about it makes it no newer";
  aging.encoded(late, encoded(key("late")));
  EXPECT_EQ(look(key("fifth")).encoded->image_key, key("second")) << "a later frame was encoded before it";
}

TEST_F(FrameMemoryTest, ManyMayLookAndPurgeAtOnce) {
  std::vector<std::jthread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      test::DrawnTile own{side, side, 7};
      for (int i = 0; i < 100; ++i) {
        const Key source = KeyBuilder("s").field(i % 2).finish(), seen = KeyBuilder("i").field(number).finish();
        const auto look = memory.look(source, key("ada"), seen, own.frame(2));
        if (!look.is_near()) memory.encoded(look, encoded(seen));
        if (i % 25 == number) memory.purge({.tenant = key("ada"), .image = seen});
      }
    });
  }
  threads.clear();
  EXPECT_LE(memory.use().sources, 2u);
  memory.purge(PurgeLabel::of_everything());
  EXPECT_EQ(memory.use().bytes, 0u);
}

TEST_F(FrameMemoryTest, TheBoundHoldsWithEmbeddingsAndTheOldestSourceGoes) {
  const std::uint64_t source_bytes = NearFrames::bytes_for(side, side) + 4096;
  FrameMemory small{{.level = test::drawn_level, .exact_every = 1000, .bytes_max = 3 * source_bytes}};
  const auto add = [&](int source, std::size_t embedding_bytes) {
    const auto look = small.look(KeyBuilder("s").field(source).finish(), key("ada"), picture, tile.frame(2));
    EncodedTile large = encoded(picture);
    large.embedding =
        Blob::filled(embedding_bytes, [](std::span<std::byte> out) { std::ranges::fill(out, std::byte{}); });
    small.encoded(look, large);
    EXPECT_LE(small.use().bytes, 3 * source_bytes);
  };
  for (int i = 0; i < 5; ++i) add(i, 1024);
  EXPECT_EQ(small.use().sources, 3u);
  add(9, source_bytes * 2);
  EXPECT_LT(small.use().sources, 3u) << "its embedding takes the place of two";
  add(10, source_bytes * 4);
  EXPECT_LE(small.use().bytes, 3 * source_bytes) << "one that is too large is not kept";
}

}  // namespace
}  // namespace fovea
