// CrossModalPolicy evicts by the present importance, as a plain GreedyDual does.
#include <gtest/gtest.h>

#include "cache/policies.h"
#include "cache/policy/plain_greedy_dual.h"
#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

class PlainCrossModal : public PlainGreedyDual {
 public:
  void set_importance(std::uint32_t key, float importance) override { change_importance(key, importance); }

 private:
  double worth(const ItemFacts& facts, int /*frequency*/) const override { return facts.importance; }
};

TEST(CrossModalPolicy, EvictsTheLowestPresentImportance) {
  expect_same_evictions<PlainCrossModal>(PolicyKind::cross_modal);
}

TEST(CrossModalPolicy, FollowsImportanceUpAndDown) {
  PolicyHarness harness(
      make_policy(PolicyKind::cross_modal), 3,
      {{.size = 1, .importance = 0.2F}, {.size = 1, .importance = 0.5F}, {.size = 1, .importance = 0.8F}});
  for (const std::uint32_t key : {0U, 1U, 2U}) harness.request(key);
  harness.set_importance(0, 0.9F);
  harness.set_importance(2, 0.1F);
  EXPECT_EQ(harness.drain(), (std::vector<std::uint32_t>{2, 1, 0}));
}

}  // namespace
}  // namespace fovea
