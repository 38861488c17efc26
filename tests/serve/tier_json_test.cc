#include "serve/tier_json.h"

#include <gtest/gtest.h>

#include "serve/wire/json_in_tests.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {
namespace {

using test::value_at;

TEST(TierJson, HasTheNumbersOfTheTierAndOfEachLevel) {
  TierStats stats{.kind = TierKind::shared, .reading = BreakerState::open, .times_opened = 3};
  stats.write_behind = {.entries = 4, .bytes = 500, .dropped = 6};
  stats.doubtful[static_cast<std::size_t>(RecordFault::wrong_checksum)] = 7;
  stats.doubtful[static_cast<std::size_t>(RecordFault::purged)] = 1;
  stats.use[static_cast<std::size_t>(RecordKind::file) - 1] = {
      .hits = 10, .written_bytes = 99, .content = {.entries = 2, .bytes = 1234, .bytes_max = 5678}};
  const std::string text = json_text(json::tier_of(stats));
  EXPECT_EQ(value_at(text, "/tier"), R"("shared")");
  EXPECT_EQ(value_at(text, "/reading"), R"("open")");
  EXPECT_EQ(value_at(text, "/writing"), R"("closed")");
  EXPECT_EQ(value_at(text, "/times_opened"), "3");
  EXPECT_EQ(value_at(text, "/queued"), "4");
  EXPECT_EQ(value_at(text, "/queued_bytes"), "500");
  EXPECT_EQ(value_at(text, "/queue_dropped"), "6");
  EXPECT_EQ(value_at(text, "/doubtful"), "8");
  EXPECT_EQ(value_at(text, "/levels/0/level"), R"("embedding")");
  EXPECT_EQ(value_at(text, "/levels/6/level"), R"("file")");
  EXPECT_EQ(value_at(text, "/levels/6/hits"), "10");
  EXPECT_EQ(value_at(text, "/levels/6/written_bytes"), "99");
  EXPECT_EQ(value_at(text, "/levels/6/bytes"), "1234");
  EXPECT_EQ(value_at(text, "/levels/6/bytes_max"), "5678");
}

TEST(TierJson, HasTheLastFaultIfThereWasOne) {
  TierStats stats;
  EXPECT_EQ(value_at(json_text(json::tier_of(stats)), "/last_fault"), "null");
  EXPECT_EQ(value_at(json_text(json::tier_of(stats)), "/last_fault_unix_s"), "null");
  stats.last_fault = "the server said \xff";
  stats.last_fault_unix_ms = 2500;
  EXPECT_EQ(value_at(json_text(json::tier_of(stats)), "/last_fault"), "\"the server said \xef\xbf\xbd\"");
  EXPECT_EQ(value_at(json_text(json::tier_of(stats)), "/last_fault_unix_s"), "2.5");
}

}  // namespace
}  // namespace fovea::serve
