// The merged picture of Photoshop documents, framed byte by byte.
#include "image/plain/psd.h"

#include <gtest/gtest.h>

#include "image/pictures.h"
#include "image/plain/shown.h"

namespace fovea {
namespace {

std::string big(std::uint32_t number, int bytes) {
  std::string out = little(number, bytes);
  return {out.rbegin(), out.rend()};
}

struct Parts {
  std::uint32_t channels = 3, width = 2, height = 1, depth = 8, mode = 3;
  std::uint32_t compression = 0;
  std::string channel_bytes;
};

std::string file_of(const Parts& parts) {
  return "8BPS" + big(1, 2) + std::string(6, '\0') + big(parts.channels, 2) + big(parts.height, 4) +
         big(parts.width, 4) + big(parts.depth, 2) + big(parts.mode, 2) + big(0, 4) + big(3, 4) + "abc" + big(0, 4) +
         big(parts.compression, 2) + parts.channel_bytes;
}

TEST(Psd, ChannelsComeOneAfterTheOther) {
  EXPECT_EQ(shown(file_of({.channel_bytes = "\1\2\3\4\5\6"})), "010305 020406");
  EXPECT_EQ(shown(file_of({.channels = 1, .mode = 1, .channel_bytes = "\1\2"})), "010101 020202");
  EXPECT_EQ(shown(file_of({.channels = 4, .channel_bytes = std::string("\1\2\3\4\5\6\0\0", 8)})), "010305 020406")
      << "the merged picture is on white already";
}

TEST(Psd, SixteenBitsBecomeEight) {
  EXPECT_EQ(shown(file_of({.channels = 1, .depth = 16, .mode = 1, .channel_bytes = "\1\xFF\2\1"})), "010101 020202");
}

TEST(Psd, PackedRowsAreUnpacked) {
  const std::string lengths = big(2, 2) + big(3, 2) + big(2, 2);
  EXPECT_EQ(shown(file_of({.compression = 1, .channel_bytes = lengths + "\xFF\7" + "\1\3\4" + "\xFF\x09"})),
            "070309 070409");
}

TEST(Psd, WhatEndsEarlyIsRefused) {
  EXPECT_EQ(shown(file_of({.channel_bytes = "\1\2\3\4\5"})), "invalid");
  EXPECT_EQ(shown(file_of({.compression = 1, .channel_bytes = big(2, 2) + big(3, 2) + big(2, 2) + "\xFF\7"})),
            "invalid");
  EXPECT_EQ(
      shown(file_of({.compression = 1, .channel_bytes = big(2, 2) + big(2, 2) + big(2, 2) + "\xFE\7\xFF\7\xFF\7"})),
      "invalid")
      << "a row that is too long";
  EXPECT_EQ(shown(file_of({.compression = 3, .channel_bytes = "\1\2\3\4\5\6"})), "invalid");
}

TEST(Psd, OtherColoursAreRefusedByName) {
  EXPECT_EQ(shown(file_of({.channels = 4, .mode = 4, .channel_bytes = std::string(8, '\0')})), "unsupported");
  EXPECT_EQ(shown(file_of({.depth = 32, .channel_bytes = std::string(24, '\0')})), "unsupported");
  EXPECT_EQ(shown(file_of({.width = 40'000})), "too_large");
}

}  // namespace
}  // namespace fovea
