#include "audit/savings/savings.h"

#include <gtest/gtest.h>

#include "audit/asked.h"
#include "profile/example_profile.h"

namespace fovea {
namespace {

using test::Asked;

class SavingsTest : public testing::Test {
 protected:
  SavingsTest() {
    for (int i = 0; i < 60; ++i) {
      const AuditedRequest request = Asked()
                                         .user({.pixels = "picture " + std::to_string(i % 12)})
                                         .text("question " + std::to_string(i % 20))
                                         .usage(150, 10);
      trace.see(placer.place(request));
    }
  }
  AuditSettings settings{.profile = test::example_profile(), .profile_name = "example"};
  RequestPlacer placer{ModelCosts(test::example_model()), false};
  WayTrace trace;
};

TEST_F(SavingsTest, EachLevelAndTheirUnions) {
  const SavingsFindings found = savings_of(trace, settings, {});
  EXPECT_EQ(found.requests, 60U);
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.model, "example");
  EXPECT_EQ(found.policy, "value");
  ASSERT_EQ(found.levels.size(), 5U);
  const SavingsRow& all = found.levels.back();
  EXPECT_EQ(all.name, "all");
  for (const SavingsRow& row : found.levels) {
    EXPECT_NEAR(row.mean_ms * 60 + row.saved_ms, found.baseline_ms, 1e-6 * found.baseline_ms) << row.name;
    EXPECT_NEAR(row.factor, found.baseline_mean_ms / row.mean_ms, 1e-9) << row.name;
    EXPECT_GE(row.mean_ms, all.mean_ms) << row.name;
    EXPECT_FALSE(row.machine_money) << row.name;
  }
  for (const std::uint64_t bytes : found.working_set_bytes) EXPECT_GT(bytes, 0U);
}

TEST_F(SavingsTest, MoreMemorySavesMoreUpToEverything) {
  const SavingsFindings found = savings_of(trace, settings, {});
  ASSERT_EQ(found.sizes.size(), 3U);
  EXPECT_LT(found.sizes[0].memory_bytes, found.sizes[2].memory_bytes);
  EXPECT_GE(found.sizes[0].mean_ms, found.sizes[2].mean_ms);
  EXPECT_NEAR(found.sizes[2].mean_ms, found.levels.back().mean_ms, 1e-9);
  EXPECT_EQ(found.sizes[2].evictions, 0U);
  ASSERT_EQ(found.tiers.size(), 2U);
  EXPECT_GT(found.tiers[1].tier_hits, 0U);
  EXPECT_LE(found.tiers[1].mean_ms, found.sizes[0].mean_ms);
}

TEST_F(SavingsTest, SizesAndNodesThatWereAskedFor) {
  settings.memory_bytes = {8 << 20, 4 << 20};
  settings.disk_bytes = {64 << 20};
  settings.nodes = 3;
  settings.policy = PolicyKind::lru;
  const SavingsFindings found = savings_of(trace, settings, {});
  ASSERT_EQ(found.sizes.size(), 2U);
  EXPECT_EQ(found.sizes[0].name, "memory 4.00 MiB");
  ASSERT_EQ(found.tiers.size(), 3U);
  EXPECT_EQ(found.tiers[1].nodes, 3U);
  EXPECT_EQ(found.tiers[1].shared_bytes, 0U);
  EXPECT_EQ(found.tiers[2].shared_bytes, UINT64_MAX);
  EXPECT_LT(found.tiers[2].mean_ms, found.tiers[1].mean_ms);
}

TEST_F(SavingsTest, MoneyIsWhatHoursAndTokensCost) {
  settings.prices.per_hour = 2;
  settings.prices.per_million_prompt_tokens = 0.5;
  settings.prices.per_million_answer_tokens = 4;
  const SavingsRow all = savings_of(trace, settings, {}).levels.back();
  EXPECT_NEAR(*all.machine_money, all.saved_ms / 3.6e6 * 2, 1e-12);
  EXPECT_NEAR(*all.token_money, (all.prompt_tokens_saved * 0.5 + all.answer_tokens_saved * 4) / 1e6, 1e-12);
}

// On the processors or one after another, the outcome is the same.
TEST_F(SavingsTest, IsTheSameEachTime) {
  const SavingsFindings one = savings_of(trace, settings, {}), two = savings_of(trace, settings, {});
  ASSERT_EQ(one.tiers.size(), two.tiers.size());
  for (std::size_t i = 0; i < one.tiers.size(); ++i) EXPECT_EQ(one.tiers[i].mean_ms, two.tiers[i].mean_ms);
}

}  // namespace
}  // namespace fovea
