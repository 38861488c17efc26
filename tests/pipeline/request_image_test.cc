#include "pipeline/request_image.h"

#include <gtest/gtest.h>

#include "pictures/sources.h"

namespace fovea {
namespace {

const ImageSource red = test::plain_png(20, 10, {200, 0, 0});

TEST(SourceAliases, DecodesASourceOnce) {
  SourceAliases book({});
  const auto first = book.open(red.bytes, true);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->image);
  auto again = book.open(red.bytes, true);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->image);
  EXPECT_EQ(again->image_key, first->image_key);
  EXPECT_EQ(again->width, 20u);
  EXPECT_EQ(again->height, 10u);
  ASSERT_TRUE(book.need_pixels(*again));
  EXPECT_EQ(image_key(*again->image), first->image_key);
}

TEST(SourceAliases, DecodesAgainWhenAskedNotToUseWhatItKnows) {
  SourceAliases book({});
  ASSERT_TRUE(book.open(red.bytes, true));
  EXPECT_TRUE(book.open(red.bytes, false)->image);
}

TEST(SourceAliases, Incident3SourcesThatBeginAlikeStayApart) {
  SourceAliases book({});
  const auto picture = [](std::uint8_t last) {
    return test::png(400, 400, [=](std::uint32_t x, std::uint32_t y) -> test::Rgb {
      return x == 399 && y == 399 ? test::Rgb{last, 0, 0} : test::Rgb{7, 7, 7};
    });
  };
  EXPECT_NE(book.open(picture(1).bytes, true)->image_key, book.open(picture(2).bytes, true)->image_key);
}

TEST(SourceAliases, ABadSourceLeavesNothing) {
  SourceAliases book({.pixels_max = 100});
  for (int i = 0; i < 2; ++i) {
    const auto picture = book.open(red.bytes, true);
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().fault, Fault::too_large);
  }
}

}  // namespace
}  // namespace fovea
