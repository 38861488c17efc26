// Ghosts give a miss its reason, within their bound.
#include "cache/ghosts.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(Ghosts, RememberWhyAKeyLeft) {
  Ghosts ghosts;
  ghosts.removed(1, MissReason::evicted);
  ghosts.removed(2, MissReason::expired);
  ghosts.removed(1, MissReason::erased);  // the last reason counts
  EXPECT_EQ(ghosts.reason(1, 0), MissReason::erased);
  EXPECT_EQ(ghosts.reason(2, 0), MissReason::expired);
  EXPECT_EQ(ghosts.reason(3, 0), MissReason::never_seen);
}

TEST(Ghosts, AContentOfAnotherTenantIsKnown) {
  Ghosts ghosts;
  ghosts.stored(77);
  ghosts.stored(0);
  EXPECT_EQ(ghosts.reason(1, 77), MissReason::other_tenant);
  EXPECT_EQ(ghosts.reason(1, 78), MissReason::never_seen);
  EXPECT_EQ(ghosts.reason(1, 0), MissReason::never_seen);
  ghosts.removed(1, MissReason::evicted);
  EXPECT_EQ(ghosts.reason(1, 77), MissReason::evicted);  // the own entry comes first
}

TEST(Ghosts, DropTheOldest) {
  Ghosts ghosts;
  constexpr std::uint64_t many = 200'000;
  for (std::uint64_t id = 1; id <= many; ++id) ghosts.removed(id, MissReason::evicted);
  EXPECT_EQ(ghosts.reason(1, 0), MissReason::never_seen);
  EXPECT_EQ(ghosts.reason(many, 0), MissReason::evicted);
  std::uint64_t known = 0;
  for (std::uint64_t id = 1; id <= many; ++id) known += ghosts.reason(id, 0) == MissReason::evicted ? 1 : 0;
  EXPECT_LT(known, 100'000u);
  EXPECT_GT(known, 10'000u);
}

}  // namespace
}  // namespace fovea
