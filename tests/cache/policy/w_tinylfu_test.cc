// WTinyLfuPolicy: the window, and admission by frequency and size.
#include <gtest/gtest.h>

#include "cache/policies.h"
#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

constexpr std::uint64_t budget = 10'000;  // so the window has 100

std::vector<ItemFacts> entries(std::uint32_t count, std::uint64_t size) {
  return std::vector<ItemFacts>(count, {.size = size, .cost_ms = 1});
}

TEST(WTinyLfuPolicy, OneHitEntriesDoNotDisplaceFrequentOnes) {
  PolicyHarness harness(make_policy(PolicyKind::w_tinylfu), budget, entries(3000, 10));
  for (int round = 0; round < 4; ++round)
    for (std::uint32_t key = 0; key < 900; ++key) harness.request(key);
  for (std::uint32_t key = 1000; key < 3000; ++key) harness.request(key);
  int lost = 0;
  for (std::uint32_t key = 0; key < 900; ++key) lost += harness.request(key) ? 0 : 1;
  EXPECT_LE(lost, 9) << "the sketch counts a few newcomers too high";
}

TEST(WTinyLfuPolicy, ANewcomerLargerThanTheWindowIsDeclinedUntilItIsAskedForMoreOftenThanItsRivals) {
  std::vector<ItemFacts> facts = entries(11, 1000);
  PolicyHarness harness(make_policy(PolicyKind::w_tinylfu), budget, facts);
  for (int round = 0; round < 3; ++round)
    for (std::uint32_t key = 0; key < 10; ++key) harness.request(key);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(harness.request(10));
  EXPECT_EQ(harness.declined(), 3U);
  EXPECT_TRUE(harness.evicted().empty());
  harness.request(10);  // the fourth request is one more than a rival had
  EXPECT_EQ(harness.evicted(), std::vector<std::uint32_t>{0});
  EXPECT_TRUE(harness.request(10));
}

TEST(WTinyLfuPolicy, ALargeNewcomerMustBeatAllWhoseBytesItNeedsTogether) {
  std::vector<ItemFacts> facts = entries(11, 1000);
  facts[10].size = 3000;
  PolicyHarness harness(make_policy(PolicyKind::w_tinylfu), budget, facts);
  for (int round = 0; round < 2; ++round)
    for (std::uint32_t key = 0; key < 10; ++key) harness.request(key);
  for (int i = 0; i < 6; ++i) harness.request(10);
  EXPECT_TRUE(harness.evicted().empty()) << "six requests are no more than three rivals' two each";
  harness.request(10);
  EXPECT_EQ(harness.evicted().size(), 3U);
  EXPECT_TRUE(harness.request(10));
}

TEST(WTinyLfuPolicy, AnEntryDroppingOutOfTheWindowContestsForItsOwnBytes) {
  std::vector<ItemFacts> facts = entries(1100, 10);
  facts[1050].size = 100;
  PolicyHarness harness(make_policy(PolicyKind::w_tinylfu), budget, facts);
  for (std::uint32_t key = 0; key < 1000; ++key) harness.request(key);
  for (int i = 0; i < 3; ++i) harness.request(1050);
  harness.request(1051);
  EXPECT_FALSE(harness.present().contains(1050))
      << "three requests beat one rival, but not the ten whose bytes it needs";
  EXPECT_TRUE(harness.present().contains(1051));
}

TEST(WTinyLfuPolicy, TheMostRecentNewcomersAreAlwaysIn) {
  PolicyHarness harness(make_policy(PolicyKind::w_tinylfu), budget, entries(2000, 10));
  for (int round = 0; round < 4; ++round)
    for (std::uint32_t key = 0; key < 1000; ++key) harness.request(key);
  for (std::uint32_t key = 1000; key < 2000; ++key) {
    harness.request(key);
    ASSERT_TRUE(harness.present().contains(key));
    ASSERT_TRUE(harness.present().contains(key - (key - 1000 < 9 ? key - 1000 : 9)));
  }
}

}  // namespace
}  // namespace fovea
