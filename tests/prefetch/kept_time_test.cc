#include "prefetch/kept_time.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(KeptTime, IsForEverWhileNothingIsEvicted) {
  KeptTime kept;
  EXPECT_EQ(kept.observe(100, 0, 1000), std::numeric_limits<double>::infinity());
  EXPECT_EQ(kept.observe(100, 3, 2000), std::numeric_limits<double>::infinity());
}

// One eviction in 10 ms of 100 entries: they stay for a second on the average.
TEST(KeptTime, IsHalfOfLittlesLaw) {
  KeptTime kept;
  kept.observe(100, 0, 0);
  EXPECT_DOUBLE_EQ(kept.observe(100, 100, 1000), 500);
}

// The clock counts from the machine's start.
TEST(KeptTime, TheTimeBeforeTheFirstLookDoesNotCount) {
  constexpr double ten_days_ms = 10 * 86'400'000.0;
  KeptTime kept;
  EXPECT_EQ(kept.observe(100, 500, ten_days_ms), std::numeric_limits<double>::infinity());
  EXPECT_DOUBLE_EQ(kept.observe(100, 600, ten_days_ms + 1000), 500);
}

TEST(KeptTime, FollowsWhatHappensNow) {
  KeptTime kept;
  kept.observe(100, 0, 0);
  kept.observe(100, 100, 1000);
  EXPECT_DOUBLE_EQ(kept.observe(100, 110, 1500), 500);  // too few evictions for a new estimate
  EXPECT_DOUBLE_EQ(kept.observe(100, 1100, 2000), 50);
}

}  // namespace
}  // namespace fovea
