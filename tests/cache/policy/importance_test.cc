// ImportancePolicy evicts by the importance at the time of storing, as a plain GreedyDual does.
#include <gtest/gtest.h>

#include "cache/policies.h"
#include "cache/policy/plain_greedy_dual.h"
#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

class PlainImportance : public PlainGreedyDual {
  double worth(const ItemFacts& facts, int /*frequency*/) const override { return facts.importance; }
};

TEST(ImportancePolicy, EvictsTheLowestInflatedImportance) {
  expect_same_evictions<PlainImportance>(PolicyKind::importance);
}

TEST(ImportancePolicy, KeepsTheImportanceOfTheTimeOfStoring) {
  PolicyHarness harness(make_policy(PolicyKind::importance), 2,
                        {{.size = 1, .importance = 0.2F}, {.size = 1, .importance = 0.8F}});
  harness.request(0);
  harness.request(1);
  harness.set_importance(0, 1);
  harness.set_importance(1, 0);
  harness.request(0);
  harness.request(1);
  EXPECT_EQ(harness.drain(), (std::vector<std::uint32_t>{0, 1}));
}

}  // namespace
}  // namespace fovea
