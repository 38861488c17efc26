#include "profile/tier_worth.h"

#include <gtest/gtest.h>

#include "profile/example_profile.h"
#include "profile/request_cost.h"

namespace fovea {
namespace {

TEST(TierWorth, EntriesCostWhatTheirHitsSave) {
  const ModelTimes model = test::example_model();
  const auto entries = entry_costs(model);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].kind, "embedding");
  EXPECT_EQ(entries[0].cost_ms, 4000);
  EXPECT_NEAR(entries[0].bytes, 150'000, 1000);
  EXPECT_EQ(entries[1].kind, "prefix");
  EXPECT_EQ(entries[1].cost_ms, 260) << "the prompt without its question";
  EXPECT_EQ(entries[2].kind, "response");
  EXPECT_EQ(entries[2].cost_ms, request_ms(model, Found::uncached));
}

TEST(TierWorth, WithoutStatesThereIsNoPrefix) {
  ModelTimes model = test::example_model();
  model.state.reset();
  for (const EntryCost& entry : entry_costs(model)) EXPECT_NE(entry.kind, "prefix");
}

TEST(TierWorth, FetchingTakesTheWaitAndTheBytes) { EXPECT_DOUBLE_EQ(fetch_ms({"disk", 0.5, 1000, 1000}, 2000), 2.5); }

// 1,000 bytes in the 10 ms that are left after the wait.
TEST(TierWorth, TheLeastRateIsWhereFetchingTakesAsLongAsComputing) {
  const EntryCost entry{"embedding", 11, 1000};
  EXPECT_DOUBLE_EQ(least_rate(entry, 1), 100);
  EXPECT_DOUBLE_EQ(fetch_ms({"shared", 1, least_rate(entry, 1), 1}, entry.bytes), entry.cost_ms);
  EXPECT_EQ(least_rate(entry, 11), 0) << "no rate is enough";
}

}  // namespace
}  // namespace fovea
