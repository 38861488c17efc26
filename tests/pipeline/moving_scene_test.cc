// The frames of a video of a still scene in which one thing moves: only tiles that changed are encoded, and
// the answer is the one that encoding every tile of every frame gives.
#include <gtest/gtest.h>

#include "engine/models.h"
#include "pipeline/pipeline.h"
#include "video/make_clip.h"
#include "video/video_clip.h"

namespace fovea {
namespace {

constexpr std::uint32_t width = 160, height = 96;

std::shared_ptr<VideoClip> clip_of(VideoClips& clips, const Blob& source, std::uint64_t kept_pixels = 0) {
  return clips.open(source, {}, true, kept_pixels, {}).value();
}

Blob scene(std::uint32_t first, std::uint32_t frames = 4) {
  return test::make_clip({.frames = frames, .fps = 2, .width = width, .height = height},
                         [=](std::uint32_t i) { return test::moving_square(first + i, width, height); });
}

Request about(const std::shared_ptr<VideoClip>& clip) {
  Request request{.options = {.max_tokens = 8}};
  Message message{.role = "user"};
  for (std::size_t i = 0; i < clip->frames().size(); ++i) {
    message.parts.emplace_back(ImageSlot{i});
    request.sources.push_back({{}, "a frame", clip, i});
  }
  message.parts.emplace_back("What moves?");
  request.messages.push_back(std::move(message));
  return request;
}

struct Tiles {
  std::uint32_t all = 0, encoded = 0;
};

Tiles tiles_of(const Answer& answer) {
  Tiles tiles;
  for (const ImageReport& image : answer.report.images) {
    tiles.all += image.tiles;
    tiles.encoded += image.tiles - image.tiles_hit;
  }
  return tiles;
}

std::string cold_answer(VisionLanguageEngine& engine, Request request) {
  Pipeline pipeline(engine, {});
  request.cache = {.read = false, .write = false};
  return pipeline.answer(request).value().text;
}

class MovingScene : public testing::TestWithParam<test::TestModel> {
 protected:
  VisionLanguageEngine& engine_ = test::engine_of(GetParam());
  Pipeline pipeline_{engine_, {.prefix_bytes_max = 0, .response_bytes_max = 0}};
  VideoClips clips_;
};

TEST_P(MovingScene, EncodesOnlyTilesThatChanged) {
  const Request request = about(clip_of(clips_, scene(0)));
  const auto answer = pipeline_.answer(request);
  ASSERT_TRUE(answer) << answer.error().message;
  const Tiles tiles = tiles_of(*answer);
  const std::uint32_t each = tiles.all / 4;
  if (each == 1) {
    EXPECT_EQ(tiles.encoded, 4u) << "a model that reads an image whole encodes every new one";
  } else {
    // The overview of each, and the tiles that the square was in and came to.
    EXPECT_LE(tiles.encoded, each + 3 * 3);
    EXPECT_GE(tiles.encoded, each + 3 * 2);
  }
  EXPECT_EQ(answer->text, cold_answer(engine_, request));
}

TEST_P(MovingScene, EncodesNothingOfAClipThatCameBefore) {
  const Blob source = scene(10);
  ASSERT_TRUE(pipeline_.answer(about(clip_of(clips_, source))));
  const auto again = pipeline_.answer(about(clip_of(clips_, source)));
  ASSERT_TRUE(again);
  EXPECT_EQ(tiles_of(*again).encoded, 0u);
  for (const ImageReport& image : again->report.images) EXPECT_FALSE(image.decoded);
}

TEST_P(MovingScene, KnowsFramesOfAnotherClipThatAreTheSame) {
  ASSERT_TRUE(pipeline_.answer(about(clip_of(clips_, scene(20)))));
  // Each of MJPEG's frames stands for itself: two of these were in the first clip.
  const auto later = pipeline_.answer(about(clip_of(clips_, scene(22))));
  ASSERT_TRUE(later);
  const auto& images = later->report.images;
  EXPECT_EQ(images[0].tiles_hit, images[0].tiles);
  EXPECT_EQ(images[1].tiles_hit, images[1].tiles);
  EXPECT_LT(images[2].tiles_hit, images[2].tiles);
}

TEST_P(MovingScene, Incident37AnotherClipIsAnsweredForItself) {
  Pipeline pipeline(engine_, {});
  const auto first = pipeline.answer(about(clip_of(clips_, scene(30))));
  const Request other = about(clip_of(clips_, scene(60)));
  const auto second = pipeline.answer(other);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->report.response, Outcome::miss);
  EXPECT_EQ(second->text, cold_answer(engine_, other));
}

INSTANTIATE_TEST_SUITE_P(Models, MovingScene, testing::Values(test::TestModel::tiny, test::TestModel::idefics3));

}  // namespace
}  // namespace fovea
