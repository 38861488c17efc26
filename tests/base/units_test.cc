// Units as people write and read them.
#include "base/units.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(ParseBytes, ReadsBinaryUnits) {
  EXPECT_EQ(parse_bytes("0"), 0U);
  EXPECT_EQ(parse_bytes("17"), 17U);
  EXPECT_EQ(parse_bytes("17B"), 17U);
  EXPECT_EQ(parse_bytes("1KiB"), 1024U);
  EXPECT_EQ(parse_bytes("512MiB"), 512ULL << 20);
  EXPECT_EQ(parse_bytes("10GiB"), 10ULL << 30);
  EXPECT_EQ(parse_bytes("2T"), 2ULL << 40);
  EXPECT_EQ(parse_bytes(" 1.5 GiB "), 3ULL << 29);
}

TEST(ParseBytes, RefusesWhatIsNoSize) {
  for (const char* text : {"", "GiB", "-1", "1GB", "1 gib", "1GiBs", "ten", "1e30", "nan", "inf", "1 2", "0x10"}) {
    const auto bytes = parse_bytes(text);
    ASSERT_FALSE(bytes.has_value()) << text;
    EXPECT_EQ(bytes.error().fault, Fault::invalid);
    EXPECT_NE(bytes.error().message.find("such as 512MiB"), std::string::npos);
  }
}

TEST(FormatBytes, PicksTheLargestUnitAtOneOrMore) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.00 KiB");
  EXPECT_EQ(format_bytes(147'456), "144.0 KiB");
  EXPECT_EQ(format_bytes(10ULL << 30), "10.0 GiB");
  EXPECT_EQ(format_bytes(5000ULL << 40), "5000.0 TiB");
}

TEST(FormatMs, KeepsThreeDigitsThatMatter) {
  EXPECT_EQ(format_ms(0.042), "0.042 ms");
  EXPECT_EQ(format_ms(7.314), "7.31 ms");
  EXPECT_EQ(format_ms(412.4), "412 ms");
  EXPECT_EQ(format_ms(2733), "2.73 s");
  EXPECT_EQ(format_ms(200'000), "3 min 20 s");
}

}  // namespace
}  // namespace fovea
