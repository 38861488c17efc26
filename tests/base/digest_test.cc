// digest() is plain BLAKE3 of all parts in a row.
#include "base/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace fovea {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string hex(const Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : digest) {
    text += digits[std::to_integer<unsigned>(byte >> 4)];
    text += digits[std::to_integer<unsigned>(byte & std::byte{15})];
  }
  return text;
}

// The first test vector that BLAKE3's authors publish: no input.
TEST(Digest, OfNothingIsThePublishedValue) {
  EXPECT_EQ(hex(digest({})), "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
  EXPECT_EQ(digest({bytes_of("")}), digest({}));
}

TEST(Digest, DoesNotDependOnWhereThePartsEnd) {
  EXPECT_EQ(digest({bytes_of("ab"), bytes_of("c")}), digest({bytes_of("abc")}));
  EXPECT_EQ(digest({bytes_of("a"), bytes_of(""), bytes_of("bc")}), digest({bytes_of("abc")}));
  EXPECT_NE(digest({bytes_of("ab")}), digest({bytes_of("abc")}));
  EXPECT_NE(digest({bytes_of("ba")}), digest({bytes_of("ab")}));
}

}  // namespace
}  // namespace fovea
