#include "serve/tier_families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <string>

namespace fovea::serve {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TierFamiliesTest, EachTierAndLevelHasItsNumbers) {
  TierStats disk{.kind = TierKind::disk, .writing = BreakerState::open, .times_opened = 3};
  disk.write_behind = {.entries = 4, .bytes = 500, .dropped = 6};
  disk.doubtful[static_cast<std::size_t>(RecordFault::wrong_checksum)] = 7;
  disk.use[0] = {.hits = 10, .misses = 11, .hit_ms = 1500, .content = {.entries = 2, .bytes = 1234, .bytes_max = 5678}};
  TierStats shared{.kind = TierKind::shared};
  shared.use[2].hits = 21;
  const std::string page = prometheus::TextSerializer().Serialize(tier_families({disk, shared}));
  EXPECT_THAT(page, HasSubstr("fovea_tier_hits_total{tier=\"disk\",level=\"embedding\"} 10\n"));
  EXPECT_THAT(page, HasSubstr("fovea_tier_hits_total{tier=\"shared\",level=\"prefix\"} 21\n"));
  EXPECT_THAT(page, HasSubstr("fovea_tier_misses_total{tier=\"disk\",level=\"embedding\"} 11\n"));
  EXPECT_THAT(page, HasSubstr("fovea_tier_hit_seconds_total{tier=\"disk\",level=\"embedding\"} 1.5\n"));
  EXPECT_THAT(page, HasSubstr("fovea_tier_bytes{tier=\"disk\",level=\"embedding\"} 1234\n"));
  EXPECT_THAT(page, HasSubstr("fovea_tier_queue_dropped_total{tier=\"disk\"} 6\n"));
  EXPECT_THAT(page, HasSubstr("fovea_tier_writes_blocked{tier=\"disk\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("fovea_tier_reads_blocked{tier=\"disk\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("fovea_tier_breaker_opened_total{tier=\"disk\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("fovea_tier_doubtful_total{tier=\"disk\",reason=\"wrong_checksum\"} 7\n"));
}

TEST(TierFamiliesTest, WithoutTiersThereIsNoNumber) {
  EXPECT_THAT(prometheus::TextSerializer().Serialize(tier_families({})), Not(HasSubstr("tier=")));
}

}  // namespace
}  // namespace fovea::serve
