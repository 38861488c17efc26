// CostPolicy evicts as a plain GreedyDual-Size-Frequency does.
#include <gtest/gtest.h>

#include "cache/policies.h"
#include "cache/policy/plain_greedy_dual.h"
#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

class PlainGreedyDualSizeFrequency : public PlainGreedyDual {
  double worth(const ItemFacts& facts, int frequency) const override {
    return frequency * facts.cost_ms / static_cast<double>(facts.size);
  }
};

TEST(CostPolicy, EvictsAsGreedyDualSizeFrequencyDoes) {
  expect_same_evictions<PlainGreedyDualSizeFrequency>(PolicyKind::cost);
}

TEST(CostPolicy, ASmallDearEntryOutlivesALargeCheapOne) {
  PolicyHarness harness(make_policy(PolicyKind::cost), 1000,
                        {{.size = 900, .cost_ms = 100}, {.size = 50, .cost_ms = 3000}, {.size = 60, .cost_ms = 100}});
  harness.request(1);
  harness.request(0);
  harness.request(2);
  EXPECT_EQ(harness.evicted(), std::vector<std::uint32_t>{0});
}

TEST(CostPolicy, APinnedEntryComesBackWithItsFrequency) {
  PolicyHarness harness(make_policy(PolicyKind::cost), 2, {{.size = 1, .cost_ms = 1}, {.size = 1, .cost_ms = 2}});
  for (int i = 0; i < 5; ++i) harness.request(0);
  harness.request(1);
  harness.pin(0);
  harness.unpin(0);
  EXPECT_EQ(harness.drain(), (std::vector<std::uint32_t>{1, 0}));
}

}  // namespace
}  // namespace fovea
