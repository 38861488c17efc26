// Noise in a JPEG's scan is refused where it leaves a trace, and what cameras write is not.
#include "image/jpeg_scan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "image/decode.h"
#include "pictures.h"

namespace fovea {
namespace {

// A picture whose scan has no long run of anything.
Bytes photograph() { return encoded(sample(160, 120), ".jpg[Q=90]"); }

std::ptrdiff_t place_of(const Bytes& file, std::string_view bytes) {
  return std::ranges::search(file, bytes_of(bytes)).begin() - file.begin();
}

TEST(JpegScan, AGoodPictureIsWhole) {
  for (const char* suffix : {".jpg", ".jpg[interlace]", ".jpg[Q=30]", ".jpg[subsample_mode=off]"}) {
    const Bytes file = encoded(sample(67, 45), suffix);
    EXPECT_TRUE(jpeg_scan_is_whole(file)) << suffix;
    EXPECT_TRUE(decode(file).has_value()) << suffix;
  }
}

TEST(JpegScan, NoiseIsRefused) {
  Bytes file = photograph();
  const auto middle = file.begin() + static_cast<std::ptrdiff_t>(file.size() * 2 / 3);
  std::fill(middle, middle + 200, std::byte{0xB5});
  EXPECT_FALSE(jpeg_scan_is_whole(file));
  const auto image = decode(file);
  ASSERT_FALSE(image.has_value());
  EXPECT_EQ(image.error().fault, Fault::invalid);
}

TEST(JpegScan, AScanWithAHoleIsRefused) {
  Bytes file = photograph();
  const auto middle = file.begin() + static_cast<std::ptrdiff_t>(file.size() / 2);
  file.erase(middle, middle + static_cast<std::ptrdiff_t>(file.size() / 4));
  EXPECT_FALSE(jpeg_scan_is_whole(file));
  EXPECT_FALSE(decode(file).has_value());
}

// As webcams do: their hardware writes whole words.
TEST(JpegScan, PaddingBehindTheScanIsHarmless) {
  Bytes file = photograph();
  const Key key = image_key(*decode(file));
  file.insert(file.end() - 2, 7, std::byte{0});
  EXPECT_TRUE(jpeg_scan_is_whole(file));
  const auto padded = decode(file);
  ASSERT_TRUE(padded.has_value());
  EXPECT_EQ(image_key(*padded), key);
  file.insert(file.end() - 2, 500, std::byte{0});
  EXPECT_FALSE(decode(file)) << "so much is left of a scan that was lost";
}

// As some phones do: the end of the spectrum is 0 and not 63, in a file where it means nothing.
TEST(JpegScan, OddParametersOfASequentialScanAreHarmless) {
  Bytes file = photograph();
  const Key key = image_key(*decode(file));
  const auto scan = place_of(file, "\xFF\xDA");
  file[static_cast<std::size_t>(scan) + 12] = std::byte{0};  // behind the length and three components
  const auto odd = decode(file);
  ASSERT_TRUE(odd.has_value());
  EXPECT_EQ(image_key(*odd), key);
}

TEST(JpegScan, WhatIsNoJpegIsNotWhole) {
  EXPECT_FALSE(jpeg_scan_is_whole({}));
  EXPECT_FALSE(jpeg_scan_is_whole(bytes_of("\xFF\xD8\xFF")));
  EXPECT_FALSE(jpeg_scan_is_whole(bytes_of("hello")));
}

}  // namespace
}  // namespace fovea
