#include "image/thumbnail.h"

#include <gtest/gtest.h>

#include <string>

#include "image/decode.h"
#include "image/format.h"
#include "pictures.h"

namespace fovea {
namespace {

DecodedImage plain(std::uint32_t width, std::uint32_t height) {
  return {width, height, Blob::copy_of(std::string(std::size_t{width} * height * 3, '\x80'))};
}

DecodedImage thumbnail_of(const DecodedImage& picture) {
  const auto file = thumbnail(picture);
  EXPECT_TRUE(file);
  EXPECT_EQ(format_of(file->bytes()), Format::webp);
  const auto image = decode(file->bytes());
  EXPECT_TRUE(image);
  return image.value_or(DecodedImage{});
}

TEST(Thumbnail, KeepsThePicturesProportions) {
  const DecodedImage wide = thumbnail_of(plain(1200, 800));
  EXPECT_EQ(wide.width, 192u);
  EXPECT_EQ(wide.height, 128u);
  const DecodedImage tall = thumbnail_of(plain(300, 600));
  EXPECT_EQ(tall.width, 96u);
  EXPECT_EQ(tall.height, 192u);
}

TEST(Thumbnail, LooksLikeThePicture) {
  const DecodedImage picture = image_of(sample(192, 120));
  EXPECT_LE(distance(thumbnail_of(picture), picture), 40) << "WebP is not exact, but near";
}

TEST(Thumbnail, ASmallPictureKeepsItsSize) {
  const DecodedImage dot = thumbnail_of(plain(1, 1));
  EXPECT_EQ(dot.width, 1u);
  EXPECT_EQ(dot.height, 1u);
}

TEST(Thumbnail, TheThinnestStripIsStillAPicture) {
  const DecodedImage strip = thumbnail_of(plain(32'768, 2));
  EXPECT_EQ(strip.width, 192u);
  EXPECT_EQ(strip.height, 1u);
}

TEST(Thumbnail, IsAFewKilobytes) {
  const auto file = thumbnail(image_of(sample(2000, 1500)));
  ASSERT_TRUE(file);
  EXPECT_LT(file->size(), 16u << 10);
}

}  // namespace
}  // namespace fovea
