// TGA pictures of every kind, framed byte by byte.
#include "image/plain/tga.h"

#include <gtest/gtest.h>

#include "image/pictures.h"
#include "image/plain/shown.h"

namespace fovea {
namespace {

struct Parts {
  int type = 2, width = 2, height = 1, bits = 24, layout = 0x20;
  std::string palette;  // of 3 bytes each
  int palette_first = 0;
  std::string pixels;
};

Bytes file_of(const Parts& parts) {
  const auto number = [](int value, int bytes) { return little(static_cast<std::uint32_t>(value), bytes); };
  const std::string name = "a name";
  return bytes_of(number(static_cast<int>(name.size()), 1) + number(parts.palette.empty() ? 0 : 1, 1) +
                  number(parts.type, 1) + number(parts.palette_first, 2) + little(parts.palette.size() / 3, 2) +
                  number(parts.palette.empty() ? 0 : 24, 1) + number(0, 4) + number(parts.width, 2) +
                  number(parts.height, 2) + number(parts.bits, 1) + number(parts.layout, 1) + name + parts.palette +
                  parts.pixels);
}

TEST(Tga, ColoursComeBlueFirst) {
  EXPECT_EQ(shown(file_of({.pixels = "\1\2\3\4\5\6"})), "030201 060504");
  EXPECT_EQ(shown(file_of({.bits = 16, .pixels = std::string("\x00\x7C\xE0\x03", 4)})), "ff0000 00ff00");
}

TEST(Tga, TheLayoutSaysWhereTheFirstPixelIs) {
  const std::string four = "\1\1\1\2\2\2\3\3\3\4\4\4";
  EXPECT_EQ(shown(file_of({.height = 2, .layout = 0x20, .pixels = four})), "010101 020202|030303 040404");
  EXPECT_EQ(shown(file_of({.height = 2, .layout = 0x00, .pixels = four})), "030303 040404|010101 020202");
  EXPECT_EQ(shown(file_of({.height = 2, .layout = 0x30, .pixels = four})), "020202 010101|040404 030303");
  EXPECT_EQ(shown(file_of({.height = 2, .layout = 0x10, .pixels = four})), "040404 030303|020202 010101");
}

TEST(Tga, AlphaCountsWhereTheHeaderNamesIt) {
  const std::string pixels("\1\2\3\0\1\2\3\xFF", 8);
  EXPECT_EQ(shown(file_of({.bits = 32, .layout = 0x20, .pixels = pixels})), "030201 030201");
  EXPECT_EQ(shown(file_of({.bits = 32, .layout = 0x28, .pixels = pixels})), "ffffff 030201");
  const std::string unset("\1\2\3\0\1\2\3\0", 8);
  EXPECT_EQ(shown(file_of({.bits = 32, .layout = 0x28, .pixels = unset})), "030201 030201");
  EXPECT_EQ(shown(file_of({.type = 3, .bits = 16, .layout = 0x28, .pixels = std::string("\7\xFF\7\0", 4)})),
            "070707 ffffff");
}

TEST(Tga, GreyAndPalettes) {
  EXPECT_EQ(shown(file_of({.type = 3, .bits = 8, .pixels = "\7\x08"})), "070707 080808");
  EXPECT_EQ(shown(file_of({.type = 1, .bits = 8, .palette = "\1\2\3\4\5\6", .pixels = std::string("\1\0", 2)})),
            "060504 030201");
  EXPECT_EQ(shown(file_of({.type = 1,
                           .width = 3,
                           .bits = 8,
                           .palette = "\1\2\3",
                           .palette_first = 5,
                           .pixels = std::string("\5\0\6", 3)})),
            "030201 000000 000000")
      << "an index that the palette does not have is black";
}

TEST(Tga, RunsAreUnpackedAcrossRows) {
  EXPECT_EQ(shown(file_of({.type = 10, .height = 2, .pixels = std::string("\x82\1\2\3\0\4\5\6", 8)})),
            "030201 030201|030201 060504");
  EXPECT_EQ(shown(file_of({.type = 11, .bits = 8, .pixels = "\x81\7"})), "070707 070707");
}

TEST(Tga, WhatEndsEarlyIsRefused) {
  EXPECT_EQ(shown(file_of({.pixels = "\1\2\3\4\5"})), "invalid");
  EXPECT_EQ(shown(file_of({.type = 10, .pixels = std::string("\0\1\2\3", 4)})), "invalid");
  EXPECT_EQ(shown(file_of({.type = 10, .width = 8000, .height = 8000, .pixels = "\xFF\1\2\3"})), "invalid");
  EXPECT_EQ(shown(file_of({.width = 40'000, .pixels = "\1\2\3"})), "too_large");
}

}  // namespace
}  // namespace fovea
