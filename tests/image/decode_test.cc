// decode: every format and layout becomes the same upright 8-bit RGB picture.
#include "image/decode.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <format>
#include <thread>

#include "pictures.h"

namespace fovea {
namespace {

const std::filesystem::path data = std::filesystem::path(FOVEA_SOURCE_DIR) / "tests/image/data";

DecodedImage decoded(const Bytes& source) {
  Result<DecodedImage> image = decode(source);
  EXPECT_TRUE(image.has_value()) << (image ? "" : image.error().message);
  return image.value_or(DecodedImage{});
}

TEST(Decode, LosslessFormatsGiveTheExactPixels) {
  const Raster picture = sample(70, 41);
  for (const char* suffix : {".png", ".png[interlace]", ".png[filter=all]", ".webp[lossless]"}) {
    EXPECT_EQ(distance(decoded(encoded(picture, suffix)), image_of(picture)), 0) << suffix;
  }
}

TEST(Decode, LossyFormatsGiveNearlyThePixels) {
  const Raster picture = sample(70, 41);
  for (const char* suffix : {".jpg[Q=95]", ".jpg[Q=95,interlace]", ".webp[Q=95]"}) {
    EXPECT_LE(distance(decoded(encoded(picture, suffix)), image_of(picture)), 16) << suffix;
  }
}

TEST(Decode, GifGivesTheExactPixelsOfItsPalette) {
  const Raster picture = raster(16, 16, 3, [](int x, int y, int band) { return band == 0 ? 17 * x : 80 * (y % 3); });
  EXPECT_EQ(distance(decoded(encoded(picture, ".gif[dither=0]")), image_of(picture)), 0);
}

TEST(Decode, OnePixelIsAPicture) {
  const Raster dot = raster(1, 1, 3, [](int, int, int band) { return 10 + band; });
  EXPECT_EQ(distance(decoded(encoded(dot, ".png")), image_of(dot)), 0);
}

// Made from sample(48, 32) by libvips' heifsave, whose encoders are no part of the build.
TEST(Decode, HeicAndAvifGiveNearlyThePixels) {
  for (const char* name : {"sample.heic", "sample.avif"}) {
    EXPECT_LE(distance(decoded(contents(data / name)), image_of(sample(48, 32))), 24) << name;
  }
}

TEST(Decode, GreyBecomesRgb) {
  const Raster grey = raster(9, 5, 1, [](int x, int y, int) { return 20 * x + y; });
  const Raster rgb = raster(9, 5, 3, [](int x, int y, int) { return 20 * x + y; });
  EXPECT_EQ(distance(decoded(encoded(grey, ".png")), image_of(rgb)), 0);
  EXPECT_LE(distance(decoded(encoded(grey, ".jpg[Q=100]")), image_of(rgb)), 3);
}

TEST(Decode, SixteenBitsBecomeEight) {
  Raster deep = raster(9, 5, 3, [](int x, int y, int band) { return 257 * (20 * x + 7 * y + band); });
  deep.is_16_bit = true;
  const Raster shallow = raster(9, 5, 3, [](int x, int y, int band) { return 20 * x + 7 * y + band; });
  EXPECT_EQ(distance(decoded(encoded(deep, ".png")), image_of(shallow)), 0);
}

TEST(Decode, AlphaIsFlattenedOnWhite) {
  const auto alpha_of = [](int x) { return x == 0 ? 0 : x == 1 ? 255 : 128; };
  const Raster rgba = raster(3, 1, 4, [&](int x, int, int band) { return band == 3 ? alpha_of(x) : 100; });
  const Raster flat = raster(3, 1, 3, [](int x, int, int) { return x == 0 ? 255 : x == 1 ? 100 : 177; });
  EXPECT_LE(distance(decoded(encoded(rgba, ".png")), image_of(flat)), 1);
  EXPECT_LE(distance(decoded(encoded(rgba, ".webp[lossless,exact]")), image_of(flat)), 1);

  const Raster grey_alpha = raster(3, 1, 2, [&](int x, int, int band) { return band == 1 ? alpha_of(x) : 100; });
  EXPECT_LE(distance(decoded(encoded(grey_alpha, ".png")), image_of(flat)), 1);
}

TEST(Decode, TransparentGifIsWhiteWhereNothingIs) {
  const Raster rgba = raster(8, 8, 4, [](int x, int, int band) { return band == 3 ? (x < 4 ? 0 : 255) : 0; });
  const Raster flat = raster(8, 8, 3, [](int x, int, int) { return x < 4 ? 255 : 0; });
  EXPECT_EQ(distance(decoded(encoded(rgba, ".gif")), image_of(flat)), 0);
}

TEST(Decode, CmykBecomesRgb) {
  Raster inks = raster(64, 16, 4, [](int x, int, int band) { return x < 32 && band == 0 ? 255 : 0; });
  inks.is_cmyk = true;
  const DecodedImage image = decoded(encoded(inks, ".jpg[Q=100]"));
  ASSERT_EQ(image.pixels.size(), 64U * 16 * 3);
  const auto pixels = image.pixels.as<std::uint8_t>();
  EXPECT_LT(pixels[0], 100);  // cyan ink has no red
  EXPECT_GT(pixels[2], 150);  // but blue
  // Bare paper is white.
  for (int band = 0; band < 3; ++band) EXPECT_GT(pixels[60 * 3 + static_cast<std::size_t>(band)], 245);
}

TEST(Decode, AnEmbeddedProfileChangesNoPixelOfRgb) {
  const Raster picture = sample(24, 24);
  const Bytes plain = encoded(picture, ".png");
  const Bytes profiled = encoded(picture, ".png[profile=p3]");
  ASSERT_GT(profiled.size(), plain.size());  // the profile is in the file
  EXPECT_EQ(image_key(decoded(profiled)), image_key(decoded(plain)));
}

TEST(Decode, AnAnimationIsItsFirstFrame) {
  const Raster first = raster(16, 8, 3, [](int, int, int band) { return band == 0 ? 255 : 0; });
  const Raster second = raster(16, 8, 3, [](int, int, int band) { return band == 2 ? 255 : 0; });
  for (const char* suffix : {".gif", ".webp[lossless]"}) {
    EXPECT_EQ(distance(decoded(animated({first, second}, suffix)), image_of(first)), 0) << suffix;
    EXPECT_EQ(distance(decoded(animated({second, first}, suffix)), image_of(second)), 0) << suffix;
  }
}

// How a camera stores `upright` under an EXIF orientation: by the standard's table of what row 0 and column 0
// show.
Raster stored_as(int orientation, const Raster& upright) {
  const bool sideways = orientation >= 5;
  const int width = sideways ? upright.height : upright.width;
  const int height = sideways ? upright.width : upright.height;
  const bool from_right = sideways ? orientation == 6 || orientation == 7 : orientation == 2 || orientation == 3;
  const bool from_bottom = sideways ? orientation == 7 || orientation == 8 : orientation == 3 || orientation == 4;
  return raster(width, height, 3, [&](int column, int row, int band) {
    int x = sideways ? row : column;
    int y = sideways ? column : row;
    if (from_right) x = upright.width - 1 - x;
    if (from_bottom) y = upright.height - 1 - y;
    return static_cast<int>(upright.numbers[static_cast<std::size_t>((y * upright.width + x) * 3 + band)]);
  });
}

TEST(Decode, AllEightOrientationsShowTheSameUprightPicture) {
  const Raster upright = sample(40, 24);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Raster stored = stored_as(orientation, upright);
    for (const char* suffix : {".png", ".webp[lossless]"}) {
      EXPECT_EQ(distance(decoded(encoded(stored, suffix, orientation)), image_of(upright)), 0) << orientation << suffix;
    }
    EXPECT_LE(distance(decoded(encoded(stored, ".jpg[Q=100]", orientation)), image_of(upright)), 8) << orientation;
  }
}

TEST(Decode, EightThreadsGetTheSamePixels) {
  const Bytes jpeg = encoded(sample(300, 200), ".jpg");
  const Bytes png = encoded(sample(300, 200), ".png");
  const Bytes broken(jpeg.begin(), jpeg.begin() + static_cast<std::ptrdiff_t>(jpeg.size() / 2));
  const Key jpeg_key = image_key(decoded(jpeg));
  const Key png_key = image_key(decoded(png));
  std::vector<int> rights(8);
  {
    std::vector<std::jthread> threads;
    for (int& right : rights) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) {
          const Result<DecodedImage> a = decode(jpeg);
          const Result<DecodedImage> b = decode(png);
          right += a && image_key(*a) == jpeg_key && b && image_key(*b) == png_key && !decode(broken);
        }
      });
    }
  }
  for (const int right : rights) EXPECT_EQ(right, 20);
}

double mean_distance(const DecodedImage& a, const DecodedImage& b) {
  if (a.width != b.width || a.height != b.height) return 255;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    sum += std::abs(a.pixels.as<std::uint8_t>()[i] - b.pixels.as<std::uint8_t>()[i]);
  }
  return sum / static_cast<double>(a.pixels.size());
}

TEST(Decode, RealPhotographsTurnUpright) {
  const char* folder = std::getenv("FOVEA_DATA");
  if (folder == nullptr) GTEST_SKIP() << "FOVEA_DATA names no folder with exif_orientation/*";
  for (const std::string scene : {"Landscape", "Portrait"}) {
    const std::filesystem::path photographs = std::filesystem::path(folder) / "exif_orientation";
    const DecodedImage upright = decoded(contents(photographs / (scene + "_1.jpg")));
    for (int orientation = 2; orientation <= 8; ++orientation) {
      const DecodedImage turned = decoded(contents(photographs / std::format("{}_{}.jpg", scene, orientation)));
      EXPECT_LT(mean_distance(turned, upright), 8) << scene << orientation;  // each was compressed on its own
    }
  }
}

}  // namespace
}  // namespace fovea
