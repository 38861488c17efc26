#include "attention/token_run.h"

#include <gtest/gtest.h>

#include <vector>

namespace fovea {
namespace {

using Runs = std::vector<TokenRun>;

const TokenRun text{.first = 0, .count = 3};
const TokenRun tile{.first = 3, .count = 6, .visual = true, .columns = 3, .rows = 2};

TEST(TokenRun, RunsThatFollowOneAnotherAreSound) {
  EXPECT_TRUE(are_sound({}));
  EXPECT_EQ(token_count({}), 0U);
  const Runs runs{text, tile, {.first = 9, .count = 5, .visual = true, .image = 1, .columns = 5, .rows = 1}};
  EXPECT_TRUE(are_sound(runs));
  EXPECT_EQ(token_count(runs), 14U);
}

TEST(TokenRun, GapsOverlapsAndEmptyRunsAreNot) {
  EXPECT_FALSE(are_sound(Runs{tile}));        // does not begin at 0
  EXPECT_FALSE(are_sound(Runs{text, text}));  // overlap
  EXPECT_FALSE(are_sound(Runs{text, {.first = 4, .count = 1}}));
  EXPECT_FALSE(are_sound(Runs{text, {.first = 3, .count = 0}}));
}

TEST(TokenRun, AGridHasAsManyCellsAsItsRunHasTokens) {
  EXPECT_FALSE(are_sound(Runs{{.first = 0, .count = 6, .visual = true, .columns = 3, .rows = 3}}));
  EXPECT_FALSE(are_sound(Runs{{.first = 0, .count = 6, .visual = true}}));
  // 65537 * 65537 is 131073 in 32 bits.
  EXPECT_FALSE(are_sound(Runs{{.first = 0, .count = 131073, .visual = true, .columns = 65537, .rows = 65537}}));
}

TEST(TokenRun, RunsAreBounded) {
  EXPECT_TRUE(are_sound(Runs{{.first = 0, .count = positions_max}}));
  EXPECT_FALSE(are_sound(Runs{{.first = 0, .count = positions_max}, {.first = positions_max, .count = 1}}));
  EXPECT_FALSE(are_sound(Runs{{.first = 0, .count = UINT32_MAX}}));
}

}  // namespace
}  // namespace fovea
