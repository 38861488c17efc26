#include "profile/tier_time.h"

#include <gtest/gtest.h>

#include "store/faulty_tier.h"

namespace fovea {
namespace {

constexpr TierLoad little{.small_values = 3, .large_values = 2, .large_bytes = 5000};

TEST(TierTimeTest, IsMeasuredAndNothingStays) {
  test::FaultyTier tier(TierKind::shared);
  const auto time = measure_tier(tier, little);
  ASSERT_TRUE(time) << time.error().message;
  EXPECT_EQ(time->kind, "shared");
  EXPECT_GE(time->wait_ms, 0);
  EXPECT_GT(time->bytes_per_ms, 0);
  EXPECT_GT(time->write_bytes_per_ms, 0);
  for (const RecordKind kind : all_record_kinds) EXPECT_EQ(tier.content(kind).entries, 0u) << to_string(kind);
}

TEST(TierTimeTest, ATierThatFailsIsAFault) {
  using Call = test::FaultyTier::Call;
  for (const Call call : {Call::insert, Call::find, Call::erase}) {
    test::FaultyTier tier;
    tier.fail(call, Fault::unavailable);
    const auto time = measure_tier(tier, little);
    ASSERT_FALSE(time);
    EXPECT_EQ(time.error().fault, Fault::unavailable);
  }
}

}  // namespace
}  // namespace fovea
