#include "app/output/cache_json.h"

#include <gtest/gtest.h>

#include <glaze/glaze.hpp>

#include "store/faulty_tier.h"

namespace fovea::app {
namespace {

glz::generic parsed(const std::string& text) {
  glz::generic json;
  EXPECT_FALSE(glz::read_json(json, text)) << text;
  return json;
}

Place shared_place() {
  return {
      .tier = std::make_unique<test::FaultyTier>(TierKind::shared), .name = "the shared cache s", .limit_bytes = {}};
}

TEST(CacheJsonTest, ASummaryHasEveryKind) {
  CacheSummary summary;
  summary.kinds[1] = {.entries = 2, .bytes = 10, .saves_ms = 5, .oldest_unix_ms = 1000, .newest_unix_ms = 2000};
  WalkCounts counts{.sound = 2};
  counts.doubtful[static_cast<std::size_t>(RecordFault::wrong_key)] = 4;
  const glz::generic json = parsed(summary_json(shared_place(), summary, counts));
  EXPECT_EQ(json["tier"].get<std::string>(), "shared");
  EXPECT_FALSE(json.contains("limit_bytes")) << "others decide";
  EXPECT_EQ(json["kinds"].get<glz::generic::array_t>().size(), record_kinds);
  EXPECT_EQ(json["kinds"][1]["kind"].get<std::string>(), "tiling");
  EXPECT_EQ(json["kinds"][1]["oldest_unix_ms"].get<double>(), 1000);
  EXPECT_FALSE(json["kinds"][0].contains("oldest_unix_ms"));
  EXPECT_EQ(json["all"]["entries"].get<double>(), 2);
  EXPECT_EQ(json["not_believed"]["wrong_key"].get<double>(), 4);
}

TEST(CacheJsonTest, ARowHasWholeKeys) {
  const Key key = KeyBuilder("a").finish();
  const CacheRow row{.kind = RecordKind::prefix,
                     .key = key,
                     .tenant = key,
                     .scope = key,
                     .bytes = 1,
                     .cost_ms = 2,
                     .importance = 0.5F,
                     .made_unix_ms = 3,
                     .images = {key, key}};
  const glz::generic json = parsed(row_json(row));
  EXPECT_EQ(json["kind"].get<std::string>(), "prefix");
  EXPECT_EQ(json["key"].get<std::string>(), key.hex());
  EXPECT_EQ(json["images"][1].get<std::string>(), key.hex());
}

TEST(CacheJsonTest, VerifyingSaysWhetherItRemoved) {
  Place place = shared_place();
  const WalkCounts counts{.sound = 3, .gone = 1};
  EXPECT_TRUE(parsed(verified_json(place, counts))["removed"].get<bool>());
  place.is_others = true;
  const glz::generic json = parsed(verified_json(place, counts));
  EXPECT_FALSE(json["removed"].get<bool>());
  EXPECT_EQ(json["entries"].get<double>(), 4);
  EXPECT_EQ(json["gone"].get<double>(), 1);
}

}  // namespace
}  // namespace fovea::app
