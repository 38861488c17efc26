// make_policy makes a policy of its own class for every kind.
#include "cache/policies.h"

#include <gtest/gtest.h>

#include <set>
#include <typeindex>

#include "cache/policy/cross_modal.h"
#include "cache/policy/lru.h"
#include "cache/policy/value.h"

namespace fovea {
namespace {

TEST(Policies, EveryKindHasItsClass) {
  std::set<std::type_index> classes;
  for (const PolicyKind kind : all_policies()) {
    const std::unique_ptr<Policy> policy = make_policy(kind);
    ASSERT_NE(policy, nullptr);
    const Policy& made = *policy;
    classes.insert(typeid(made));
  }
  EXPECT_EQ(classes.size(), all_policies().size());
}

TEST(Policies, AKindGivesThePolicyOfItsName) {
  EXPECT_NE(dynamic_cast<LruPolicy*>(make_policy(PolicyKind::lru).get()), nullptr);
  EXPECT_NE(dynamic_cast<CrossModalPolicy*>(make_policy(PolicyKind::cross_modal).get()), nullptr);
  EXPECT_NE(dynamic_cast<ValuePolicy*>(make_policy(PolicyKind::value).get()), nullptr);
}

}  // namespace
}  // namespace fovea
