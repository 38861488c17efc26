#include "cache/policy/eviction_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cache/policies.h"
#include "cache/policy/policy_harness.h"

namespace fovea {

namespace {

constexpr std::uint32_t keys = 150;

struct SideBySide {
  PolicyHarness harness;
  PlainAlgorithm& plain;
  std::vector<ItemFacts> facts;

  void request(std::uint32_t key) {
    if (harness.request(key))
      plain.hit(key);
    else if (harness.present().contains(key))
      plain.insert(key, facts[key]);
  }
  void erase(std::uint32_t key) {
    if (!harness.present().contains(key)) return;
    harness.erase(key);
    plain.erase(key);
  }
  void set_importance(std::uint32_t key, float importance) {
    facts[key].importance = importance;
    harness.set_importance(key, importance);
    if (harness.present().contains(key)) plain.set_importance(key, importance);
  }
  void resize(std::uint64_t bytes_max) {
    plain.resize(bytes_max);
    harness.resize(bytes_max);
  }
};

}  // namespace

void expect_same_evictions(PolicyKind kind, PlainAlgorithm& plain, std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const std::vector<ItemFacts> facts = small_facts(random, keys);
  const std::uint64_t budget = drawn(random, 20, 800);
  SideBySide both{.harness = {make_policy(kind), budget, facts}, .plain = plain, .facts = facts};
  plain.resize(budget);
  both.harness.on_victim = [&](std::uint32_t key) { ASSERT_EQ(key, plain.evict()); };
  for (int i = 0; i < 5000 && !testing::Test::HasFailure(); ++i) {
    const auto key = static_cast<std::uint32_t>(std::min(drawn(random, 0, keys - 1), drawn(random, 0, keys - 1)));
    const std::uint64_t choice = drawn(random, 0, 999);
    if (choice < 30)
      both.erase(key);
    else if (choice < 130)
      both.set_importance(key, static_cast<float>(drawn(random, 0, 8)) / 8);
    else if (choice < 133)
      both.resize(drawn(random, 20, 800));
    else
      both.request(key);
  }
  EXPECT_GT(both.harness.evicted().size(), 20U) << "a run without evictions shows nothing";
}

}  // namespace fovea
