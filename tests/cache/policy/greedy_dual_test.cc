// GreedyDual: the lowest priority is the victim, and only an eviction raises the inflation.
#include "cache/policy/greedy_dual.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

class ByImportance : public GreedyDual {
 public:
  void importance_changed(Item& item) override { revalued(item); }

 protected:
  double worth(const Item& item) const override { return clamped_importance(item.importance); }
};

class GreedyDualTest : public testing::Test {
 protected:
  void insert(Item& item, float importance) {
    item.importance = importance;
    policy.inserted(item);
  }

  Item first, second, third;
  ByImportance policy;
};

TEST_F(GreedyDualTest, TheVictimHasTheLowestPriorityAndWasSetLongestAgo) {
  insert(first, 0.5F);
  insert(second, 0.25F);
  insert(third, 0.25F);
  EXPECT_EQ(policy.victim(nullptr), &second);
  policy.hit(second);
  EXPECT_EQ(policy.victim(nullptr), &third);
}

TEST_F(GreedyDualTest, AnEvictionRaisesThePrioritiesOfLaterItems) {
  insert(first, 0.75F);
  insert(second, 0.5F);
  policy.removed(second, RemovalCause::evicted);
  insert(third, 0.5F);  // 0.5 + 0.5
  EXPECT_EQ(policy.victim(nullptr), &first);
}

TEST_F(GreedyDualTest, AnErasureDoesNot) {
  insert(first, 0.75F);
  insert(second, 0.5F);
  policy.removed(second, RemovalCause::erased);
  insert(third, 0.5F);
  EXPECT_EQ(policy.victim(nullptr), &third);
}

TEST_F(GreedyDualTest, AnItemOfLessWorthFallsAtOnce) {
  insert(first, 0.5F);
  insert(second, 0.75F);
  second.importance = 0.25F;
  policy.importance_changed(second);
  EXPECT_EQ(policy.victim(nullptr), &second);
}

}  // namespace
}  // namespace fovea
