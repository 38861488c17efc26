#include "video/video_clip.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "video/decode_watch.h"
#include "video/make_clip.h"

namespace fovea {
namespace {

using test::grey;
using test::make_clip;
using test::moving_square;

const Blob& squares() {
  static const Blob clip = make_clip({.frames = 8, .fps = 2}, [](std::uint32_t i) { return moving_square(i); });
  return clip;
}

constexpr std::uint64_t frame_pixels = 64 * 48;

std::shared_ptr<VideoClip> opened(VideoClips& clips, const Blob& source, const FrameSampling& sampling = {},
                                  std::uint64_t kept = 0, bool use_known = true) {
  auto clip = clips.open(source, sampling, use_known, kept, {});
  EXPECT_TRUE(clip) << (clip ? "" : clip.error().message);
  return clip.value_or(nullptr);
}

TEST(VideoClip, NamesEachFrameByItsOwnPixels) {
  VideoClips clips;
  const auto clip = opened(clips, squares());
  ASSERT_EQ(clip->frames().size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    const auto image = clip->pixels(i);
    ASSERT_TRUE(image);
    EXPECT_EQ(image_key(*image), clip->frames()[i].image_key);
    EXPECT_EQ(clip->frames()[i].at_us, static_cast<std::int64_t>(i) * 500'000);
  }
}

TEST(VideoClip, GivesFramesInAnyOrder) {
  VideoClips clips;
  const auto clip = opened(clips, squares());
  for (const std::size_t i : {5, 2, 2, 7, 0, 1}) {
    const auto image = clip->pixels(i);
    ASSERT_TRUE(image);
    EXPECT_EQ(image_key(*image), clip->frames()[i].image_key) << i;
  }
}

TEST(VideoClip, GivesTheFramesOfManyClipsInTurns) {
  VideoClips clips;
  std::vector<std::shared_ptr<VideoClip>> open;
  for (int i = 0; i < 12; ++i) open.push_back(opened(clips, squares()));  // more than wait with an open pass
  for (std::size_t frame = 0; frame < 8; ++frame) {
    for (const auto& clip : open) {
      const auto image = clip->pixels(frame);
      ASSERT_TRUE(image);
      EXPECT_EQ(image_key(*image), clip->frames()[frame].image_key);
    }
  }
}

TEST(VideoClip, KeepsTheFirstImagesThatFit) {
  VideoClips clips;
  std::uint64_t kept = 3 * frame_pixels + 1;
  const auto clip = clips.open(squares(), {}, true, kept, {});
  ASSERT_TRUE(clip);
  EXPECT_EQ(kept, 1u);
  EXPECT_EQ(image_key((*clip)->take(1).value()), (*clip)->frames()[1].image_key);
  EXPECT_FALSE((*clip)->take(1)) << "it was given away";
  EXPECT_FALSE((*clip)->take(3));
  EXPECT_FALSE((*clip)->take(100));
}

TEST(VideoClips, KnowTheFramesOfAVideoThatCameBefore) {
  VideoClips clips;
  const auto first = opened(clips, squares(), {}, 100 * frame_pixels);
  EXPECT_TRUE(first->take(0));
  const auto again = opened(clips, Blob::copy_of(squares().bytes()), {}, 100 * frame_pixels);
  EXPECT_FALSE(again->take(0)) << "nothing was decoded";
  ASSERT_EQ(again->frames().size(), first->frames().size());
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(again->frames()[i].image_key, first->frames()[i].image_key);
  EXPECT_EQ(image_key(again->pixels(4).value()), first->frames()[4].image_key);
  EXPECT_TRUE(opened(clips, squares(), {}, 100 * frame_pixels, false)->take(0)) << "asked not to use what is known";
}

TEST(VideoClips, TellSamplingsApart) {
  VideoClips clips;
  EXPECT_EQ(opened(clips, squares())->frames().size(), 8u);
  EXPECT_EQ(opened(clips, squares(), {.num_frames = 3})->frames().size(), 3u);
  EXPECT_EQ(opened(clips, squares(), {.fps = 1})->frames().size(), 4u);
  EXPECT_EQ(opened(clips, squares(), {.frames_max = 2})->frames().size(), 2u);
  EXPECT_EQ(opened(clips, squares())->frames().size(), 8u);
}

TEST(VideoClips, Incident37FramesOfAnotherVideoHaveOtherNames) {
  VideoClips clips;
  const auto keys_of = [&](std::uint8_t level) {
    const Blob source = make_clip({.frames = 4, .fps = 2},
                                  [=](std::uint32_t i) { return grey(static_cast<std::uint8_t>(level + 20 * i)); });
    std::set<Key> keys;
    const auto clip = opened(clips, source);
    for (const ClipFrame& frame : clip->frames()) keys.insert(frame.image_key);
    return keys;
  };
  const std::set<Key> dark = keys_of(20), light = keys_of(150);
  EXPECT_EQ(dark.size(), 4u) << "at the same places, in videos of the same shape";
  for (const Key& key : light) EXPECT_FALSE(dark.contains(key));
}

TEST(VideoClips, EndWithTheTimeOfTheirRequest) {
  VideoClips clips;
  std::uint64_t kept = 0;
  const auto late = clips.open(squares(), {}, true, kept, {}, 0.0);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().fault, Fault::timed_out);
  opened(clips, squares());
  const auto known = clips.open(squares(), {}, true, kept, {}, 0.0);
  ASSERT_TRUE(known) << "nothing had to be decoded";
  const auto pixels = (*known)->pixels(0);
  ASSERT_FALSE(pixels);
  EXPECT_EQ(pixels.error().fault, Fault::timed_out);
}

TEST(VideoClips, HaveOneBudgetForAllPasses) {
  VideoClips clips({.compute_s_max = 0});
  std::uint64_t kept = 0;
  const auto clip = clips.open(squares(), {}, true, kept, {});
  ASSERT_FALSE(clip);
  EXPECT_EQ(clip.error().fault, Fault::too_large);
}

TEST(DecodeWatch, CountsOnlyWork) {
  DecodeWatch watch({}, 0.02);
  watch.pause();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_FALSE(watch.over());
  watch.go_on();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_TRUE(watch.over());
  watch.pause();
  watch.go_on();
  EXPECT_TRUE(watch.over()) << "what was spent stays spent";
}

TEST(VideoClip, AWaitForATurnEndsWithTheClient) {
  const auto decodes = std::make_shared<Semaphore>(1);
  std::stop_source client;
  const auto watch = std::make_shared<DecodeWatch>(client.get_token(), 60);
  watch->pause();
  VideoClip clip({squares(), {}, {}, watch, decodes, std::make_shared<Semaphore>(1)}, {ClipFrame{}}, {});
  const Semaphore::Permit held = decodes->acquire();
  const std::jthread leaves([&] { client.request_stop(); });
  const auto pixels = clip.pixels(0);
  ASSERT_FALSE(pixels);
  EXPECT_EQ(pixels.error().fault, Fault::cancelled);
}

TEST(VideoClips, RememberNothingOfABadVideo) {
  VideoClips clips;
  for (int i = 0; i < 2; ++i) {
    std::uint64_t kept = 0;
    const auto clip = clips.open(test::cut(squares(), 0.5), {}, true, kept, {});
    ASSERT_FALSE(clip);
    EXPECT_EQ(clip.error().fault, Fault::invalid);
  }
}

}  // namespace
}  // namespace fovea
