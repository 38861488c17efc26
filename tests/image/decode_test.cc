// decode: every format and layout becomes the same upright 8-bit RGB picture.
#include "image/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(Decode, WhatIsUnderTransparencyDoesNotCount) {
  // Invisible pixels of two colours beside one that is seen: grey or RGB, 8 or 16 bits, and by colour key.
  const auto picture = [](int bands, bool deep, int hidden) {
    Raster made = raster(2, 1, bands, [&](int x, int, int band) {
      const int number = band == bands - 1 ? (x == 0 ? 0 : 255) : (x == 0 ? hidden : 90);
      return deep ? 257 * number : number;
    });
    made.is_16_bit = deep;
    return decoded(encoded(made, ".png"));
  };
  const Raster seen = raster(2, 1, 3, [](int x, int, int) { return x == 0 ? 255 : 90; });
  for (const int bands : {2, 4}) {
    for (const bool deep : {false, true}) {
      for (const int hidden : {0, 77, 255})
        EXPECT_EQ(distance(picture(bands, deep, hidden), image_of(seen)), 0) << bands << deep << hidden;
    }
  }
}

TEST(Decode, ColoursThatAFileCallsTransparentAreWhite) {
  const Raster seen = raster(2, 1, 3, [](int x, int, int) { return x == 0 ? 255 : 90; });
  const std::string ninety(3, '\x5A');
  for (const char hidden : {'\0', '\x11'}) {  // the colour of the palette's first entry, which is invisible
    const Bytes palette = png_file({.width = 2,
                                    .height = 1,
                                    .colour = 3,
                                    .palette = std::string(3, hidden) + ninety,
                                    .rows = std::string("\0\0\1", 3),
                                    .chunks = {{"tRNS", std::string(1, '\0')}}});
    EXPECT_EQ(distance(decoded(palette), image_of(seen)), 0);
  }
  const Bytes grey = png_file({.width = 2,
                               .height = 1,
                               .colour = 0,
                               .rows = std::string("\0\x11\x5A", 3),
                               .chunks = {{"tRNS", std::string("\0\x11", 2)}}});
  EXPECT_EQ(distance(decoded(grey), image_of(seen)), 0);
  const Bytes rgb = png_file({.width = 2,
                              .height = 1,
                              .rows = std::string("\0\x11\x12\x13", 4) + ninety,
                              .chunks = {{"tRNS", std::string("\0\x11\0\x12\0\x13", 6)}}});
  EXPECT_EQ(distance(decoded(rgb), image_of(seen)), 0);
}

TEST(Decode, SlimPicturesKeepTheirShape) {
  for (const auto& [width, height] :
       std::vector<std::pair<int, int>>{{1, 1}, {1, 150}, {150, 1}, {30, 150}, {150, 30}}) {
    const Raster slim = sample(width, height);
    for (const char* suffix : {".png", ".webp[lossless]", ".tif"})
      EXPECT_EQ(distance(decoded(encoded(slim, suffix)), image_of(slim)), 0) << width << "x" << height << suffix;
    EXPECT_EQ(decoded(encoded(slim, ".jpg")).width, slim.width) << width << "x" << height;
  }
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

// The files are framed here, byte by byte, and not by the library that reads them.
TEST(Decode, AnOrientationInAPngIsFollowed) {
  const Raster upright = sample(5, 3);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Raster stored = stored_as(orientation, upright);
    std::string rows;
    for (int y = 0; y < stored.height; ++y) {
      rows += '\0';
      for (int i = 0; i < 3 * stored.width; ++i)
        rows += static_cast<char>(stored.numbers[static_cast<std::size_t>(y * 3 * stored.width + i)]);
    }
    const Bytes file = png_file({.width = static_cast<std::uint32_t>(stored.width),
                                 .height = static_cast<std::uint32_t>(stored.height),
                                 .rows = rows,
                                 .chunks = {{"eXIf", exif_block(orientation)}}});
    EXPECT_EQ(image_key(decoded(file)), image_key(image_of(upright))) << orientation;
  }
}

TEST(Decode, AnOrientationInAWebpIsFollowed) {
  const Raster upright = sample(40, 24);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Raster stored = stored_as(orientation, upright);
    const Bytes plain = encoded(stored, ".webp[lossless,strip]");
    std::string chunks(reinterpret_cast<const char*>(plain.data()), plain.size());
    chunks = chunks.substr(chunks.find("VP8L"));
    const std::string exif = exif_block(orientation);
    const std::string body = "WEBPVP8X" + little(10, 4) + little(8, 4) +  // the flag of EXIF
                             little(static_cast<std::uint64_t>(stored.width - 1), 3) +
                             little(static_cast<std::uint64_t>(stored.height - 1), 3) + chunks + "EXIF" +
                             little(exif.size(), 4) + exif;
    const Bytes file = bytes_of("RIFF" + little(body.size(), 4) + body);
    EXPECT_EQ(image_key(decoded(file)), image_key(image_of(upright))) << orientation;
  }
}

TEST(Decode, AnOrientationInATiffIsFollowed) {
  const Raster upright = sample(5, 3);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Raster stored = stored_as(orientation, upright);
    const auto field = [](int tag, int type, std::uint64_t count, std::uint64_t value) {
      return little(static_cast<std::uint64_t>(tag), 2) + little(static_cast<std::uint64_t>(type), 2) +
             little(count, 4) + little(value, 4);
    };
    constexpr int fields = 11;
    constexpr std::uint64_t depths_at = 8 + 2 + fields * 12 + 4, pixels_at = depths_at + 6;
    std::string file = "II*" + std::string(1, '\0') + little(8, 4) + little(fields, 2) +
                       field(256, 3, 1, static_cast<std::uint64_t>(stored.width)) +
                       field(257, 3, 1, static_cast<std::uint64_t>(stored.height)) + field(258, 3, 3, depths_at) +
                       field(259, 3, 1, 1) + field(262, 3, 1, 2) + field(273, 4, 1, pixels_at) +
                       field(274, 3, 1, static_cast<std::uint64_t>(orientation)) + field(277, 3, 1, 3) +
                       field(278, 3, 1, static_cast<std::uint64_t>(stored.height)) +
                       field(279, 4, 1, stored.numbers.size()) + field(284, 3, 1, 1) + little(0, 4) + little(8, 2) +
                       little(8, 2) + little(8, 2);
    for (const std::uint16_t number : stored.numbers) file += static_cast<char>(number);
    EXPECT_EQ(image_key(decoded(bytes_of(file))), image_key(image_of(upright))) << orientation;
  }
}

std::size_t place_of(const Bytes& file, std::string_view name) {
  const Bytes wanted = bytes_of(name);
  return static_cast<std::size_t>(std::ranges::search(file, wanted).begin() - file.begin());
}

// As phones write them: the picture's own properties turn it, and its EXIF block says the same once more.
TEST(Decode, AHeicIsTurnedOnce) {
  const DecodedImage turned = decoded(contents(data / "turned.heic"));
  EXPECT_LE(distance(turned, image_of(sample(48, 32))), 24);
}

// An EXIF block alone turns no HEIC: the container's own properties say how a picture stands (ISO 23008-12).
TEST(Decode, AnExifBlockTurnsNoHeic) {
  Bytes file = contents(data / "turned.heic");
  std::ranges::copy(bytes_of("free"), file.begin() + static_cast<std::ptrdiff_t>(place_of(file, "irot")));
  const std::size_t properties = place_of(file, "ipma") + 20;  // the last of the picture's six
  ASSERT_EQ(file[properties], std::byte{0x86});
  file[properties] = std::byte{0x06};  // that property need not be understood
  const DecodedImage stored = decoded(file);
  EXPECT_EQ(stored.width, 32U);
  EXPECT_EQ(stored.height, 48U);
}

// A rotation that is put into an AVIF: a property, and the picture's link to it.
TEST(Decode, AnAvifIsTurnedByItsContainer) {
  const Bytes plain = contents(data / "sample.avif");
  std::string file(reinterpret_cast<const char*>(plain.data()), plain.size());
  const auto longer = [&](const char* box, char by) {
    file[file.find(box) - 1] = static_cast<char>(file[file.find(box) - 1] + by);
  };
  longer("meta", 10);
  longer("iprp", 10);
  longer("ipco", 9);
  longer("ipma", 1);
  ASSERT_EQ(file[0x60], '\xFA');  // where iloc says that the pixels are
  file[0x5F] = '\x01';
  file[0x60] = '\x04';
  const std::size_t links = file.find("ipma") + 14;
  ASSERT_EQ(file.substr(links, 4), "\3\x81\2\3");
  file = file.substr(0, links) + "\4\x81\2\3\x84" + file.substr(links + 4);
  const std::size_t box = file.find("ipma") - 4;
  file = file.substr(0, box) + std::string("\0\0\0\x09irot\1", 9) + file.substr(box);
  // 1: a quarter to the left, as the orientation 8 does.
  const DecodedImage turned = decoded(bytes_of(file));
  EXPECT_LE(distance(turned, image_of(stored_as(6, sample(48, 32)))), 24);
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
