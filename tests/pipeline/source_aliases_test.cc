#include "pipeline/source_aliases.h"

#include <gtest/gtest.h>

#include "pictures/sources.h"

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

}  // namespace
}  // namespace fovea
