#include "image/encode.h"

#include <gtest/gtest.h>

#include <string>

#include "image/decode.h"
#include "image/format.h"
#include "pictures.h"

namespace fovea {
namespace {

DecodedImage decoded(const Result<Blob>& file) {
  EXPECT_TRUE(file) << (file ? "" : file.error().message);
  const auto image = decode(file.value_or(Blob()).bytes());
  EXPECT_TRUE(image) << (image ? "" : image.error().message);
  return image.value_or(DecodedImage{});
}

TEST(Encode, APngComesBackAsTheSamePicture) {
  for (const int width : {1, 2, 70, 301}) {
    const DecodedImage picture = image_of(sample(width, 41));
    const auto file = encode_png(picture);
    EXPECT_EQ(image_key(decoded(file)), image_key(picture)) << width;
    EXPECT_EQ(format_of(file->bytes()), Format::png);
  }
}

TEST(Encode, AJpegComesBackNearlyAsThePicture) {
  const DecodedImage picture = image_of(sample(70, 41));
  const auto file = encode_jpeg(picture, 95);
  EXPECT_LE(distance(decoded(file), picture), 16);
  EXPECT_EQ(format_of(file->bytes()), Format::jpeg);
}

TEST(Encode, LessQualityIsFewerBytes) {
  const DecodedImage picture = image_of(sample(300, 200));
  EXPECT_LT(encode_jpeg(picture, 30)->size(), encode_jpeg(picture, 95)->size());
}

TEST(Encode, TheSamePixelsGiveTheSameBytes) {
  const DecodedImage one = image_of(sample(70, 41)), other = image_of(sample(70, 41));
  EXPECT_EQ(encode_png(one)->text(), encode_png(other)->text());
  EXPECT_EQ(encode_jpeg(one, 80)->text(), encode_jpeg(other, 80)->text());
}

TEST(Encode, NothingButThePixelsIsWritten) {
  const DecodedImage picture = image_of(sample(70, 41));
  for (const char* extra : {"Exif", "ICC_PROFILE", "http"})
    EXPECT_EQ(encode_jpeg(picture, 80)->text().find(extra), std::string_view::npos) << extra;
  for (const char* extra : {"eXIf", "iCCP", "tIME", "tEXt", "iTXt"})
    EXPECT_EQ(encode_png(picture)->text().find(extra), std::string_view::npos) << extra;
}

TEST(Encode, APictureThatJpegCannotHoldIsAFault) {
  const auto file = encode_jpeg(image_of(raster(65'536, 1, 3, [](int, int, int) { return 7; })), 80);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().fault, Fault::internal);
}

TEST(EncodeDeathTest, APictureWithoutPixelsIsAMistakeOfTheCaller) {
  EXPECT_DEATH((void)encode_png(DecodedImage{}), "at least one pixel");
  EXPECT_DEATH((void)encode_jpeg(image_of(sample(2, 2)), 0), "quality");
}

}  // namespace
}  // namespace fovea
