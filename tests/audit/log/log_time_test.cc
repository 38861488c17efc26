#include "audit/log/log_time.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(UnixMs, ReadsNumbersByTheirSize) {
  EXPECT_EQ(unix_ms(1796000000.5), 1796000000500);
  EXPECT_EQ(unix_ms(1796000000500.0), 1796000000500);
  EXPECT_EQ(unix_ms(1796000000500000.0), 1796000000500);
  EXPECT_EQ(unix_ms(1796000000500000000.0), 1796000000500);
  EXPECT_EQ(unix_ms("1796000000.5"), 1796000000500);
}

TEST(UnixMs, ReadsIso8601) {
  EXPECT_EQ(unix_ms("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(unix_ms("2026-11-30T05:00:00Z"), 1796014800000);
  EXPECT_EQ(unix_ms("2026-11-30T05:00:00"), 1796014800000) << "without a zone";
  EXPECT_EQ(unix_ms("2026-11-30 05:00"), 1796014800000);
  EXPECT_EQ(unix_ms("2026-11-30T05:00:00.25Z"), 1796014800250);
  EXPECT_EQ(unix_ms("2026-11-30T06:00:00+01:00"), 1796014800000);
  EXPECT_EQ(unix_ms("2026-11-29T23:30:00-0530"), 1796014800000);
  EXPECT_EQ(unix_ms("2026-11-30 05:00:00 UTC"), 1796014800000);
  EXPECT_EQ(unix_ms("2026-11-30"), 1795996800000);
  EXPECT_EQ(unix_ms("1972-02-29"), 68169600000) << "a leap day";
}

TEST(UnixMs, RefusesWhatIsNoTime) {
  for (const char* text : {"", "yesterday", "2026-13-01", "2026-11-30T25:00", "2026-11-30T05:00:00+99:00",
                           "2026-11-30T05:00:00 CET", "2026-11", "nan", "05:00"})
    EXPECT_FALSE(unix_ms(text)) << text;
}

}  // namespace
}  // namespace fovea
