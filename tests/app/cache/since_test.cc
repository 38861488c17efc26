#include "app/cache/since.h"

#include <gtest/gtest.h>

namespace fovea::app {
namespace {

constexpr double now = 1e12;

TEST(SinceTest, ATimeAgo) {
  EXPECT_EQ(since_unix_ms("90s", now), now - 90e3);
  EXPECT_EQ(since_unix_ms("30min", now), now - 30 * 60e3);
  EXPECT_EQ(since_unix_ms("24h", now), now - 24 * 3600e3);
  EXPECT_EQ(since_unix_ms("7d", now), now - 7 * 24 * 3600e3);
  EXPECT_EQ(since_unix_ms("0s", now), now);
}

TEST(SinceTest, ADayBegins) {
  EXPECT_EQ(since_unix_ms("1970-01-02", now), 24 * 3600e3);
  EXPECT_EQ(since_unix_ms("2001-09-09", now), 1e12 - 6400e3) << "10^9 s after 1970 it was 01:46:40 of that day";
}

TEST(SinceTest, AnythingElseIsRefused) {
  for (const char* text : {"", "h", "24", "24 h", "-1h", "1h30min", "yesterday", "2026-13-01", "2026-02-30", "2026-1",
                           "2026-01-01T00", "99999999999h"}) {
    const auto since = since_unix_ms(text, now);
    ASSERT_FALSE(since) << text;
    EXPECT_EQ(since.error().fault, Fault::invalid);
  }
}

}  // namespace
}  // namespace fovea::app
