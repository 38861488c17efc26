#include "app/output/cache_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/faulty_tier.h"

namespace fovea::app {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double day_ms = 24 * 3600 * 1000.0;
constexpr double now_ms = 20'000 * day_ms;

Place place_of(TierKind kind = TierKind::disk) {
  return {.tier = std::make_unique<test::FaultyTier>(kind), .name = "the disk cache 'd'", .limit_bytes = 1 << 30};
}

WalkCounts counts_of(std::uint64_t sound, std::uint64_t wrong_checksum, std::uint64_t purged) {
  WalkCounts counts{.sound = sound};
  counts.doubtful[static_cast<std::size_t>(RecordFault::wrong_checksum)] = wrong_checksum;
  counts.doubtful[static_cast<std::size_t>(RecordFault::purged)] = purged;
  return counts;
}

TEST(CacheTextTest, AgesHaveTheirUnit) {
  EXPECT_EQ(age_text(-5), "0 s");
  EXPECT_EQ(age_text(59'999), "59 s");
  EXPECT_EQ(age_text(60'000), "1 min");
  EXPECT_EQ(age_text(3'599'999), "59 min");
  EXPECT_EQ(age_text(5 * 3'600'000), "5 h");
  EXPECT_EQ(age_text(3 * day_ms), "3 d");
}

TEST(CacheTextTest, ASummaryIsATable) {
  CacheSummary summary;
  summary.kinds[0] = {.entries = 3,
                      .bytes = 3 << 20,
                      .saves_ms = 61'000,
                      .oldest_unix_ms = now_ms - 3 * day_ms,
                      .newest_unix_ms = now_ms - 60'000};
  const std::string text = summary_text(place_of(), summary, counts_of(3, 0, 2), now_ms);
  EXPECT_THAT(text, HasSubstr("the disk cache 'd', limit 1.00 GiB\n"));
  EXPECT_THAT(text, HasSubstr("  embedding                  3    3.00 MiB"));
  EXPECT_THAT(text, HasSubstr("       3 d     1 min\n"));
  EXPECT_THAT(text, HasSubstr("  tiling                     0\n"));
  EXPECT_THAT(text, HasSubstr("  all                        3"));
  EXPECT_THAT(text, HasSubstr("not believed: 2 purged\n"));
}

TEST(CacheTextTest, ARowHasShortKeys) {
  const Key key = KeyBuilder("a").finish();
  const CacheRow row{.kind = RecordKind::source_alias,
                     .key = key,
                     .tenant = key,
                     .scope = key,
                     .bytes = 168,
                     .cost_ms = 12,
                     .importance = 0.5F,
                     .made_unix_ms = 0,
                     .images = {key}};
  const std::string text = rows_text(std::span(&row, 1), now_ms);
  EXPECT_TRUE(text.starts_with("kind ")) << text;
  EXPECT_THAT(text, HasSubstr("source_alias      " + key.hex().substr(0, 12) + " "));
  EXPECT_THAT(text, Not(HasSubstr(key.hex().substr(0, 13))));
  EXPECT_THAT(text, HasSubstr("  -  ")) << "nobody wrote when it was made";
}

TEST(CacheTextTest, VerifyingSaysWhatWasNotSound) {
  EXPECT_EQ(verified_text(place_of(), counts_of(7, 0, 0)), "the disk cache 'd': 7 of 7 entries are sound\n");
  const std::string damaged = verified_text(place_of(), counts_of(7, 2, 1));
  EXPECT_THAT(damaged, HasSubstr("7 of 10 entries are sound\n"));
  EXPECT_THAT(damaged, HasSubstr("2 wrong_checksum, 1 purged\n"));
  Place others = place_of();
  others.is_others = true;
  EXPECT_THAT(verified_text(others, counts_of(7, 2, 1)), HasSubstr("not removed"));
}

}  // namespace
}  // namespace fovea::app
