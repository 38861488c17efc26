// BMP pictures of every depth, framed byte by byte.
#include "image/plain/bmp.h"

#include <gtest/gtest.h>

#include "image/pictures.h"
#include "image/plain/shown.h"

namespace fovea {
namespace {

struct Parts {
  int width = 2, height = 2, bits = 24, compression = 0;
  std::string masks;    // behind the header of 40 bytes
  std::string palette;  // blue, green, red, 0
  std::string pixels;
};

Bytes file_of(const Parts& parts) {
  const std::string header = little(40, 4) + little(static_cast<std::uint32_t>(parts.width), 4) +
                             little(static_cast<std::uint32_t>(parts.height), 4) + little(1, 2) +
                             little(static_cast<std::uint32_t>(parts.bits), 2) +
                             little(static_cast<std::uint32_t>(parts.compression), 4) + std::string(12, '\0') +
                             little(parts.palette.size() / 4, 4) + little(0, 4) + parts.masks + parts.palette;
  return bytes_of("BM" + std::string(8, '\0') + little(14 + header.size(), 4) + header + parts.pixels);
}

const std::string two_rows("\1\2\3\4\5\6\0\0\x11\x12\x13\x14\x15\x16\0\0", 16);

TEST(Bmp, RowsComeFromTheBottomUnlessTheHeightIsNegative) {
  EXPECT_EQ(shown(file_of({.pixels = two_rows})), "131211 161514|030201 060504");
  EXPECT_EQ(shown(file_of({.height = -2, .pixels = two_rows})), "030201 060504|131211 161514");
}

TEST(Bmp, TheLastRowNeedsNoPadding) {
  EXPECT_EQ(shown(file_of({.pixels = two_rows.substr(0, 14)})), "131211 161514|030201 060504");
  EXPECT_EQ(shown(file_of({.pixels = two_rows.substr(0, 13)})), "invalid");
}

TEST(Bmp, PalettesOfEveryDepth) {
  const std::string palette("\1\2\3\0\x11\x12\x13\0", 8);
  for (const auto& [bits, row] :
       std::vector<std::pair<int, std::string>>{{1, "\x40"}, {2, "\x10"}, {4, "\1"}, {8, std::string("\0\1", 2)}}) {
    std::string padded = row;
    padded.resize(4);
    EXPECT_EQ(shown(file_of({.height = 1, .bits = bits, .palette = palette, .pixels = padded})), "030201 131211")
        << bits;
  }
}

TEST(Bmp, AColourThatThePaletteLacksIsBlack) {
  EXPECT_EQ(shown(file_of({.width = 1, .height = 1, .bits = 8, .palette = "\1\2\3\4", .pixels = "\xFF\0\0\0"})),
            "000000");
}

TEST(Bmp, SixteenBitsHaveFiveForEachColour) {
  EXPECT_EQ(shown(file_of({.height = 1, .bits = 16, .pixels = std::string("\x00\x7C\xE0\x03", 4)})), "ff0000 00ff00");
}

TEST(Bmp, MasksSayWhereTheColoursAre) {
  const std::string masks = little(0xF800, 4) + little(0x07E0, 4) + little(0x001F, 4);
  EXPECT_EQ(
      shown(file_of(
          {.height = 1, .bits = 16, .compression = 3, .masks = masks, .pixels = std::string("\x00\xF8\xE0\x07", 4)})),
      "ff0000 00ff00");
  const std::string deep = little(0x3FF00000, 4) + little(0xFFC00, 4) + little(0x3FF, 4);
  EXPECT_EQ(
      shown(file_of(
          {.width = 1, .height = 1, .bits = 32, .compression = 3, .masks = deep, .pixels = little(0x3FF00000, 4)})),
      "ff0000");
}

TEST(Bmp, TheFourthByteIsAlphaOnlyByAMask) {
  const std::string pixels("\1\2\3\0\1\2\3\xFF", 8);
  EXPECT_EQ(shown(file_of({.height = 1, .bits = 32, .pixels = pixels})), "030201 030201");
  const std::string masks = little(0xFF0000, 4) + little(0xFF00, 4) + little(0xFF, 4) + little(0xFF000000, 4);
  EXPECT_EQ(shown(file_of({.height = 1, .bits = 32, .compression = 6, .masks = masks, .pixels = pixels})),
            "ffffff 030201");
  const std::string no_alpha("\1\2\3\0\1\2\3\0", 8);
  EXPECT_EQ(shown(file_of({.height = 1, .bits = 32, .compression = 6, .masks = masks, .pixels = no_alpha})),
            "030201 030201")
      << "alpha that is zero everywhere was never set";
}

TEST(Bmp, AlphaIsFlattenedAsInOtherFormats) {
  const std::string masks = little(0xFF0000, 4) + little(0xFF00, 4) + little(0xFF, 4) + little(0xFF000000, 4);
  std::string pixels;
  for (int i = 0; i < 256; ++i)
    pixels += little(static_cast<std::uint32_t>(i) << 24 | 0x123456U * static_cast<std::uint32_t>(i % 7), 4);
  const Bytes bmp =
      file_of({.width = 256, .height = 1, .bits = 32, .compression = 6, .masks = masks, .pixels = pixels});
  const Raster same = raster(256, 1, 4, [&](int x, int, int band) {
    return static_cast<int>(
        static_cast<unsigned char>(pixels[static_cast<std::size_t>(4 * x + (band == 3 ? 3 : 2 - band))]));
  });
  EXPECT_EQ(image_key(*decode(bmp)), image_key(*decode(encoded(same, ".png"))));
}

TEST(Bmp, RunsAreUnpacked) {
  const std::string palette("\0\0\0\0\1\1\1\0\2\2\2\0", 12);
  // A run, single indices, the row's end; a jump past a pixel; the end.
  const std::string packed("\2\1\0\3\2\1\2\0\0\0\0\2\4\0\1\2\0\1", 18);
  EXPECT_EQ(shown(file_of({.width = 5, .bits = 8, .compression = 1, .palette = palette, .pixels = packed})),
            "000000 000000 000000 000000 020202|010101 010101 020202 010101 020202");
  const std::string nibbles("\5\x12\0\0\0\1", 6);
  EXPECT_EQ(
      shown(file_of({.width = 5, .height = 1, .bits = 4, .compression = 2, .palette = palette, .pixels = nibbles})),
      "010101 020202 010101 020202 010101");
}

TEST(Bmp, RunsThatEndEarlyAreRefused) {
  EXPECT_EQ(shown(file_of({.width = 5, .bits = 8, .compression = 1, .pixels = "\2\1"})), "invalid");
  EXPECT_EQ(shown(file_of({.width = 5, .bits = 8, .compression = 1, .pixels = std::string("\0\5\1", 3)})), "invalid");
}

TEST(Bmp, RunsBehindTheRowAndThePictureAreNothing) {
  const std::string palette("\0\0\0\0\1\1\1\0", 8);
  EXPECT_EQ(shown(file_of({.height = 1,
                           .bits = 8,
                           .compression = 1,
                           .palette = palette,
                           .pixels = std::string("\xFF\1\xFF\1\0\0\xFF\1\0\1", 10)})),
            "010101 010101");
}

TEST(Bmp, WhatContradictsItselfIsRefused) {
  EXPECT_EQ(shown(file_of({.bits = 5, .pixels = two_rows})), "invalid");
  EXPECT_EQ(shown(file_of({.compression = 4, .pixels = two_rows})), "invalid") << "a JPEG inside";
  EXPECT_EQ(shown(file_of({.width = 0, .pixels = two_rows})), "invalid");
  EXPECT_EQ(shown(file_of({.width = 60'000, .pixels = two_rows})), "too_large");
  EXPECT_EQ(shown(file_of({.width = -2, .pixels = two_rows})), "too_large");
  EXPECT_EQ(shown(file_of({.width = 200, .height = 200, .pixels = two_rows})), "invalid");
}

}  // namespace
}  // namespace fovea
