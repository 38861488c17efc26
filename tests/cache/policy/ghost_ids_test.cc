// GhostIds behaves as a plain queue of ids.
#include "cache/policy/ghost_ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>

#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

TEST(GhostIds, RecallsOnce) {
  GhostIds ghosts;
  EXPECT_FALSE(ghosts.recall(7));
  ghosts.remember(7, 10);
  EXPECT_TRUE(ghosts.recall(7));
  EXPECT_FALSE(ghosts.recall(7));
}

TEST(GhostIds, AWindowOfNothingRemembersNothing) {
  GhostIds ghosts;
  ghosts.remember(7, 0);
  EXPECT_FALSE(ghosts.recall(7));
}

TEST(GhostIds, IsAQueueThatDropsTheOldest) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    GhostIds ghosts;
    std::deque<std::uint64_t> plain;  // 0 where an id was recalled or remembered again
    const auto blank = [&](std::uint64_t id) {
      const auto place = std::ranges::find(plain, id);
      const bool found = place != plain.end();
      if (found) *place = 0;
      return found;
    };
    for (int i = 0; i < 20'000; ++i) {
      const std::uint64_t id = drawn(random, 1, 400) << drawn(random, 0, 40);  // clustered: needs probing
      if (drawn(random, 0, 2) == 0) {
        ASSERT_EQ(ghosts.recall(id), blank(id));
        continue;
      }
      const std::uint64_t window = drawn(random, 0, 300);
      blank(id);
      ghosts.remember(id, window);
      plain.push_back(id);
      while (plain.size() > window) plain.pop_front();
    }
  }
}

}  // namespace
}  // namespace fovea
