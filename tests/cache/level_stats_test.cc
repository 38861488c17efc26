// The names of reasons, as metrics spell them.
#include "fovea/level_stats.h"

#include <gtest/gtest.h>

#include <set>

namespace fovea {
namespace {

template <typename Reason>
std::set<std::string_view> names(std::size_t count) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < count; ++i) names.insert(to_string(static_cast<Reason>(i)));
  return names;
}

TEST(LevelStats, EveryReasonHasItsName) {
  using Names = std::set<std::string_view>;
  EXPECT_EQ(names<MissReason>(miss_reasons), (Names{"never_seen", "evicted", "expired", "erased", "other_tenant"}));
  EXPECT_EQ(names<BypassReason>(bypass_reasons), (Names{"too_large", "declined", "pinned"}));
  EXPECT_EQ(names<EvictionReason>(eviction_reasons), (Names{"capacity", "resized", "expired"}));
}

TEST(LevelStats, ANameBelongsToItsReason) {
  EXPECT_EQ(to_string(MissReason::other_tenant), "other_tenant");
  EXPECT_EQ(to_string(BypassReason::declined), "declined");
  EXPECT_EQ(to_string(EvictionReason::resized), "resized");
}

}  // namespace
}  // namespace fovea
