#include "serve/video_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serve/wire/json_in_tests.h"
#include "video/make_clip.h"

namespace fovea::serve {
namespace {

using fovea::test::make_clip;
using fovea::test::moving_square;
using serve::test::outcome;
using testing::HasSubstr;

Blob clip(std::uint32_t frames, std::uint32_t first = 0) {
  return make_clip({.frames = frames, .fps = 2}, [=](std::uint32_t i) { return moving_square(first + i); });
}

struct Expanded {
  ChatRequest request;
  std::vector<ImageSource> sources;
};

// A message of words and images; a blob of a clip is a video.
Parsed<Expanded> expand(const VideoFrames& videos, std::vector<std::pair<Blob, bool>> images) {
  Expanded out;
  Message message{.role = "user", .parts = {"first"}};
  for (const auto& [bytes, is_video] : images) {
    message.parts.emplace_back(ImageSlot{out.sources.size()});
    ImageReference image{bytes, "content[" + std::to_string(out.sources.size()) + "]"};
    if (is_video) image.video = FrameSampling{};
    out.request.images.push_back(std::move(image));
    out.sources.push_back({bytes, "x"});
  }
  message.parts.emplace_back("last");
  out.request.messages = {Message{.role = "system", .parts = {"be brief"}}, std::move(message)};
  if (auto done = videos.expand(out.request, out.sources, true, {}); !done) return std::unexpected(done.error());
  return out;
}

std::string shown(const std::vector<PromptPart>& parts) {
  std::string text;
  for (const PromptPart& part : parts) {
    if (const auto* words = std::get_if<std::string>(&part)) text += *words + " ";
    if (const auto* slot = std::get_if<ImageSlot>(&part)) text += std::to_string(slot->index) + " ";
  }
  return text;
}

TEST(VideoFrames, LeaveRequestsWithoutVideosAsTheyAre) {
  const VideoFrames videos({});
  const auto out = expand(videos, {{Blob::copy_of("a picture"), false}});
  ASSERT_TRUE(out);
  EXPECT_EQ(shown(out->request.messages[1].parts), "first 0 last ");
  EXPECT_EQ(out->sources[0].bytes.text(), "a picture");
}

TEST(VideoFrames, StandInThePlaceOfTheirVideo) {
  const VideoFrames videos({});
  const auto out = expand(
      videos,
      {{Blob::copy_of("before"), false}, {clip(3), true}, {Blob::copy_of("between"), false}, {clip(2, 7), true}});
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(shown(out->request.messages[0].parts), "be brief ");
  EXPECT_EQ(shown(out->request.messages[1].parts), "first 0 1 2 3 4 5 6 last ");
  ASSERT_EQ(out->sources.size(), 7u);
  EXPECT_EQ(out->sources[0].bytes.text(), "before");
  EXPECT_EQ(out->sources[2].frame, 1u);
  EXPECT_EQ(out->sources[2].name, "content[1] at 0.5 s");
  EXPECT_EQ(out->sources[4].bytes.text(), "between");
  EXPECT_NE(out->sources[5].clip, out->sources[3].clip);
}

TEST(VideoFrames, OfOneVideoTwiceAreTheSameImages) {
  const VideoFrames videos({});
  const Blob source = clip(2);
  const auto out = expand(videos, {{source, true}, {source, true}});
  ASSERT_TRUE(out);
  const auto key_of = [&](std::size_t i) { return out->sources[i].clip->frames()[out->sources[i].frame].image_key; };
  EXPECT_EQ(key_of(0), key_of(2));
  EXPECT_EQ(key_of(1), key_of(3));
  EXPECT_NE(key_of(0), key_of(1));
}

TEST(VideoFrames, CountAsImages) {
  EXPECT_TRUE(expand(VideoFrames({.images_max = 4}), {{clip(4), true}}));
  EXPECT_EQ(outcome(expand(VideoFrames({.images_max = 3}), {{clip(4), true}})), "too_many_images content[0]");
}

TEST(VideoFrames, RefuseWhatIsNoVideoByTheNameOfItsField) {
  const VideoFrames videos({});
  const auto refused = expand(videos, {{clip(2), true}, {Blob::copy_of("a text"), true}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "content[1]");
  EXPECT_EQ(refused.error().status, 400);
  EXPECT_THAT(refused.error().message, HasSubstr("content[1]: This is not a video"));
  EXPECT_EQ(expand(VideoFrames({.image_bytes_max = 100}), {{clip(2), true}}).error().status, 413);
}

}  // namespace
}  // namespace fovea::serve
