// The contract of every policy, whatever it prefers.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "cache/policies.h"
#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

class Conformance : public testing::TestWithParam<PolicyKind> {
 protected:
  static std::unique_ptr<Policy> policy() { return make_policy(GetParam()); }
  // `count` entries of `size` bytes that do not differ.
  static std::vector<ItemFacts> alike(std::uint32_t count, std::uint64_t size = 1) {
    return std::vector<ItemFacts>(count, ItemFacts{.size = size, .cost_ms = 100});
  }
};

INSTANTIATE_TEST_SUITE_P(Policies, Conformance, testing::ValuesIn(all_policies().begin(), all_policies().end()),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST_P(Conformance, AnEmptyPolicyHasNoVictim) {
  const auto empty = policy();
  empty->resized(100);
  Item incoming;
  incoming.size = 10;
  EXPECT_EQ(empty->victim(nullptr), nullptr);
  EXPECT_EQ(empty->victim(&incoming), nullptr);
}

TEST_P(Conformance, StoresWithoutAskingWhileThereIsRoom) {
  PolicyHarness harness(policy(), 100, alike(100));
  for (std::uint32_t key = 0; key < 100; ++key) EXPECT_FALSE(harness.request(key));
  for (std::uint32_t key = 0; key < 100; ++key) EXPECT_TRUE(harness.request(key));
  EXPECT_TRUE(harness.evicted().empty());
}

TEST_P(Conformance, NamesEveryItemAsVictimOnce) {
  Random random(1);
  PolicyHarness harness(policy(), 100'000, small_facts(random, 1000));
  for (int i = 0; i < 5000; ++i) harness.request(static_cast<std::uint32_t>(drawn(random, 0, 999)));
  const std::set<std::uint32_t> held = harness.present();
  const std::vector<std::uint32_t> victims = harness.drain();
  EXPECT_EQ(victims.size(), held.size());
  EXPECT_EQ(std::set(victims.begin(), victims.end()), held);
  EXPECT_EQ(harness.bytes(), 0U);
}

TEST_P(Conformance, HandlesErasuresInAnyOrder) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    PolicyHarness harness(policy(), 10'000, small_facts(random, 300));
    for (int i = 0; i < 1000; ++i) harness.request(static_cast<std::uint32_t>(drawn(random, 0, 299)));
    std::vector<std::uint32_t> keys(harness.present().begin(), harness.present().end());
    std::ranges::shuffle(keys, random);
    for (std::size_t i = 0; i < keys.size() / 2; ++i)
      harness.erase(keys[i], i % 2 == 0 ? RemovalCause::erased : RemovalCause::expired);
    const std::set<std::uint32_t> held = harness.present();
    const std::vector<std::uint32_t> victims = harness.drain();
    EXPECT_EQ(std::set(victims.begin(), victims.end()), held);
  }
}

TEST_P(Conformance, LeavesPinnedItemsAloneAndTakesThemBack) {
  Random random(3);
  PolicyHarness harness(policy(), 200, alike(1000));
  for (std::uint32_t key = 0; key < 200; ++key) harness.request(key);
  for (std::uint32_t key = 0; key < 50; ++key) harness.pin(key);
  for (int i = 0; i < 5000; ++i) harness.request(static_cast<std::uint32_t>(drawn(random, 50, 999)));
  EXPECT_EQ(harness.pinned().size(), 50U);
  EXPECT_LE(harness.bytes(), 200U);
  for (std::uint32_t key = 0; key < 50; ++key) harness.unpin(key);
  for (std::uint32_t key = 0; key < 50; ++key) EXPECT_TRUE(harness.request(key));
  EXPECT_EQ(harness.drain().size(), 200U);
}

TEST_P(Conformance, FollowsTheBudgetDownAndUp) {
  Random random(4);
  PolicyHarness harness(policy(), 1000, alike(2000));
  const auto requests = [&] {
    for (int i = 0; i < 5000; ++i) harness.request(static_cast<std::uint32_t>(drawn(random, 0, 1999)));
  };
  requests();
  harness.resize(10);
  EXPECT_EQ(harness.bytes(), 10U);
  requests();
  EXPECT_LE(harness.bytes(), 10U);
  harness.resize(0);
  EXPECT_EQ(harness.bytes(), 0U);
  requests();
  harness.resize(1500);
  requests();
  EXPECT_GT(harness.bytes(), 1000U) << "room that came back is used again";
}

TEST_P(Conformance, KeepsItsContractUnderRandomCalls) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    constexpr std::uint32_t keys = 200;
    std::uint64_t budget = drawn(random, 1, 1000);
    PolicyHarness harness(policy(), budget, small_facts(random, keys));
    for (int i = 0; i < 10'000; ++i) {
      const auto key = static_cast<std::uint32_t>(std::min(drawn(random, 0, keys - 1), drawn(random, 0, keys - 1)));
      const bool in = harness.present().contains(key);
      switch (drawn(random, 0, 19)) {
        case 0:
          if (in) harness.erase(key, static_cast<RemovalCause>(drawn(random, 0, 3)));
          break;
        case 1:
          if (in && harness.pinned().size() < 5) harness.pin(key);
          break;
        case 2:
          if (!harness.pinned().empty()) harness.unpin(*harness.pinned().begin());
          break;
        case 3:
          harness.set_importance(key, static_cast<float>(drawn(random, 0, 10)) / 10);
          break;
        case 4:
          if (drawn(random, 0, 49) == 0) harness.resize(budget = drawn(random, 1, 1000));
          break;
        default:
          harness.request(key);
      }
      // Pinned entries may keep the bytes above a budget that shrank; nothing else may.
      ASSERT_TRUE(harness.bytes() <= budget || harness.present().empty());
    }
    const std::set<std::uint32_t> held = harness.present();
    EXPECT_EQ(harness.drain().size(), held.size());
  }
}

TEST_P(Conformance, MakesTheSameChoicesGivenTheSameCalls) {
  const auto choices = [](std::unique_ptr<Policy> tested) {
    Random random(5);
    PolicyHarness harness(std::move(tested), 500, small_facts(random, 300));
    for (int i = 0; i < 20'000; ++i) {
      const auto key = static_cast<std::uint32_t>(std::min(drawn(random, 0, 299), drawn(random, 0, 299)));
      harness.request(key);
      if (i % 7 == 0) harness.set_importance(key, static_cast<float>(i % 11) / 10);
    }
    return harness.evicted();
  };
  const auto once = choices(policy());
  EXPECT_FALSE(once.empty());
  EXPECT_EQ(once, choices(policy()));
}

TEST_P(Conformance, LetsANewWorkingSetTakeOver) {
  std::vector<ItemFacts> facts = alike(200);
  for (std::uint32_t key = 0; key < 100; ++key) facts[key].importance = 1;  // the old set
  for (std::uint32_t key = 100; key < 200; ++key) facts[key].importance = 0.1F;
  PolicyHarness harness(policy(), 100, facts);
  for (int round = 0; round < 200; ++round)
    for (std::uint32_t key = 0; key < 100; ++key) harness.request(key);
  const auto round_of_new = [&] {
    int hits = 0;
    for (std::uint32_t key = 100; key < 180; ++key) hits += harness.request(key) ? 1 : 0;
    return hits;
  };
  for (int round = 0; round < 500; ++round) round_of_new();
  EXPECT_GE(round_of_new(), 72) << "of 80 that fit, after 500 rounds without a request for the old set";
}

TEST_P(Conformance, ALargeItemInUseLivesAmongSmallOnes) {
  std::vector<ItemFacts> facts = alike(1001);
  facts[0].size = 30;  // of 100
  facts[0].cost_ms = 3000;
  PolicyHarness harness(policy(), 100, facts);
  int hits = 0;
  for (std::uint32_t key = 1; key <= 1000; ++key) {
    hits += harness.request(0) ? 1 : 0;
    harness.request(key);
  }
  EXPECT_GE(hits, 900);
}

TEST_P(Conformance, TwoItemsThatEachFillTheBudgetNeverLoop) {
  PolicyHarness harness(policy(), 100, alike(2, 100));
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const std::size_t evicted = harness.evicted().size();
    harness.request(i % 2);
    ASSERT_LE(harness.evicted().size(), evicted + 1);
    ASSERT_EQ(harness.present().size(), 1U);
  }
}

TEST_P(Conformance, EvictsNothingForAnItemLargerThanTheBudget) {
  std::vector<ItemFacts> facts = alike(101);
  facts[100].size = 101;
  PolicyHarness harness(policy(), 100, facts);
  for (std::uint32_t key = 0; key < 100; ++key) harness.request(key);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(harness.request(100));
  EXPECT_EQ(harness.present().size(), 100U);
}

TEST_P(Conformance, HandlesFactsOutOfRange) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<ItemFacts> facts;
  for (const double cost_ms : {0.0, -1.0, infinite, -infinite, nan, 1e308, 5e-324, 100.0})
    for (const float importance : {0.0F, -3.0F, 7.0F, std::numeric_limits<float>::quiet_NaN(), 0.5F})
      for (const std::uint64_t size : {0, 1, 40})
        facts.push_back({.size = size, .cost_ms = cost_ms, .importance = importance});
  const auto keys = static_cast<std::uint32_t>(facts.size());
  facts.resize(2 * facts.size(), {.size = 1, .cost_ms = 100});
  PolicyHarness harness(policy(), 100, facts);
  Random random(6);
  for (int i = 0; i < 20'000; ++i) harness.request(static_cast<std::uint32_t>(drawn(random, 0, keys - 1)));
  // Afterwards entries with ordinary facts are stored as usual.
  for (int round = 0; round < 300; ++round)
    for (std::uint32_t key = keys; key < keys + 50; ++key) harness.request(key);
  EXPECT_TRUE(std::ranges::any_of(harness.present(), [&](std::uint32_t key) { return key >= keys; }));
  const std::size_t held = harness.present().size();
  EXPECT_EQ(harness.drain().size(), held);
}

}  // namespace
}  // namespace fovea
