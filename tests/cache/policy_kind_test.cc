// Every policy has a name, and every name is read back.
#include "fovea/policy_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "cache/policies.h"

namespace fovea {
namespace {

TEST(PolicyKind, EveryNameIsReadBack) {
  std::set<std::string_view> names;
  for (const PolicyKind kind : all_policies()) {
    EXPECT_EQ(policy_kind_of(to_string(kind)), kind);
    names.insert(to_string(kind));
    EXPECT_NE(make_policy(kind), nullptr);
  }
  EXPECT_THAT(names, testing::ElementsAre("cost", "cross-modal", "importance", "lru", "s3-fifo", "sieve", "value",
                                          "w-tinylfu"));
}

TEST(PolicyKind, AnUnknownNameGivesTheListOfNames) {
  for (const std::string_view name : {"", "LRU", "lru ", "cross_modal", "unknown"}) {
    const auto refused = policy_kind_of(name);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_THAT(refused.error().message,
                testing::HasSubstr("lru, cost, importance, cross-modal, s3-fifo, sieve, w-tinylfu, value"));
  }
}

}  // namespace
}  // namespace fovea
