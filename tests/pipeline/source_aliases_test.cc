#include "pipeline/source_aliases.h"

#include <gtest/gtest.h>

#include "pictures/sources.h"
#include "video/make_clip.h"

namespace fovea {
namespace {

const ImageSource red = test::plain_png(20, 10, {200, 0, 0});

TEST(SourceAliases, DecodesASourceOnce) {
  SourceAliases aliases({});
  const auto first = aliases.open(red.bytes, true);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->decoded);
  auto again = aliases.open(red.bytes, true);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->decoded);
  EXPECT_EQ(again->image_key, first->image_key);
  EXPECT_EQ(again->width, 20u);
  EXPECT_EQ(again->height, 10u);
  ASSERT_TRUE(aliases.need_pixels(*again));
  EXPECT_EQ(image_key(*again->decoded), first->image_key);
}

TEST(SourceAliases, DecodesAgainWhenAskedNotToUseWhatItKnows) {
  SourceAliases aliases({});
  ASSERT_TRUE(aliases.open(red.bytes, true));
  EXPECT_TRUE(aliases.open(red.bytes, false)->decoded);
}

TEST(SourceAliases, Incident3SourcesThatBeginAlikeStayApart) {
  SourceAliases aliases({});
  const auto picture = [](std::uint8_t last) {
    return test::png(400, 400, [=](std::uint32_t x, std::uint32_t y) -> test::Rgb {
      return x == 399 && y == 399 ? test::Rgb{last, 0, 0} : test::Rgb{7, 7, 7};
    });
  };
  EXPECT_NE(aliases.open(picture(1).bytes, true)->image_key, aliases.open(picture(2).bytes, true)->image_key);
}

TEST(SourceAliases, ABadSourceLeavesNothing) {
  SourceAliases aliases({.pixels_max = 100});
  for (int i = 0; i < 2; ++i) {
    const auto picture = aliases.open(red.bytes, true);
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().fault, Fault::too_large);
  }
}

TEST(SourceAliases, KnowAFrameOfAVideoByItsClip) {
  VideoClips clips;
  const Blob source = test::make_clip({.frames = 2, .fps = 2}, [](std::uint32_t i) { return test::moving_square(i); });
  std::uint64_t kept_pixels = 64 * 48;  // the first frame's
  const auto clip = clips.open(source, {}, true, kept_pixels, {}).value();
  SourceAliases aliases({});
  for (std::size_t i = 0; i < 2; ++i) {
    auto image = aliases.open({{}, "a frame", clip, i}, true);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->image_key, clip->frames()[i].image_key);
    EXPECT_EQ(image->width, 64u);
    EXPECT_EQ(image->height, 48u);
    EXPECT_EQ(image->decoded.has_value(), i == 0);
    ASSERT_TRUE(aliases.need_pixels(*image));
    EXPECT_EQ(image_key(*image->decoded), image->image_key);
  }
}

}  // namespace
}  // namespace fovea
