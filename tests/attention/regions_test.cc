#include "attention/regions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string_view>

namespace fovea {
namespace {

// A map of rows of the same length, one digit a cell.
PictureMap drawn(const std::vector<std::string_view>& rows) {
  PictureMap map{.columns = static_cast<std::uint32_t>(rows.empty() ? 0 : rows[0].size()),
                 .rows = static_cast<std::uint32_t>(rows.size())};
  for (const std::string_view row : rows) {
    for (const char cell : row) map.scores.push_back(static_cast<float>(cell - '0') / 10);
  }
  return map;
}

void expect_region(const Region& found, const Region& expected) {
  EXPECT_FLOAT_EQ(found.x, expected.x);
  EXPECT_FLOAT_EQ(found.y, expected.y);
  EXPECT_FLOAT_EQ(found.width, expected.width);
  EXPECT_FLOAT_EQ(found.height, expected.height);
  EXPECT_FLOAT_EQ(found.share, expected.share);
}

TEST(MostLookedAt, FindsTwoBlobsGreatestFirst) {
  const PictureMap map = drawn({"88000000",  //
                                "80000000",  //
                                "00000044",  // at half of the peak: in
                                "00001044",  //
                                "00000388"});
  const std::vector<Region> found = most_looked_at(map, 5);
  ASSERT_EQ(found.size(), 2U);
  expect_region(found[0], {.x = 0.75F, .y = 0.4F, .width = 0.25F, .height = 0.6F, .share = 32.0F / 60});
  expect_region(found[1], {.x = 0, .y = 0, .width = 0.25F, .height = 0.4F, .share = 24.0F / 60});
  ASSERT_EQ(most_looked_at(map, 1).size(), 1U);
  EXPECT_EQ(most_looked_at(map, 1)[0].share, found[0].share);
  EXPECT_TRUE(most_looked_at(map, 0).empty());
}

TEST(MostLookedAt, CellsThatTouchAtACornerAreApart) {
  const std::vector<Region> found = most_looked_at(drawn({"90", "09"}), 5);
  ASSERT_EQ(found.size(), 2U);
  // Of equals the first.
  expect_region(found[0], {.x = 0, .y = 0, .width = 0.5F, .height = 0.5F, .share = 0.5F});
  expect_region(found[1], {.x = 0.5F, .y = 0.5F, .width = 0.5F, .height = 0.5F, .share = 0.5F});
}

TEST(MostLookedAt, TheEndOfARowDoesNotTouchTheNextRow) { EXPECT_EQ(most_looked_at(drawn({"09", "90"}), 5).size(), 2U); }

TEST(MostLookedAt, FollowsABentRegion) {
  const std::vector<Region> found = most_looked_at(drawn({"50505",  //
                                                          "50505",  //
                                                          "55555"}),
                                                   5);
  ASSERT_EQ(found.size(), 1U);
  expect_region(found[0], {.x = 0, .y = 0, .width = 1, .height = 1, .share = 1});
}

TEST(MostLookedAt, OneCell) {
  expect_region(most_looked_at(drawn({"7"}), 3).at(0), {.x = 0, .y = 0, .width = 1, .height = 1, .share = 1});
  expect_region(most_looked_at(drawn({"0000", "0010"}), 3).at(0),
                {.x = 0.5F, .y = 0.5F, .width = 0.25F, .height = 0.5F, .share = 1});
}

TEST(MostLookedAt, AnEvenMapIsOneRegionAndAnEmptyOneHasNone) {
  const std::vector<Region> even = most_looked_at(drawn({"333", "333"}), 3);
  ASSERT_EQ(even.size(), 1U);
  expect_region(even[0], {.x = 0, .y = 0, .width = 1, .height = 1, .share = 1});
  EXPECT_TRUE(most_looked_at(drawn({"000", "000"}), 3).empty());
  EXPECT_TRUE(most_looked_at({}, 3).empty());
}

TEST(MostLookedAtDeathTest, AMapWithoutItsScoresIsRefused) {
  EXPECT_DEATH(most_looked_at({.columns = 2, .rows = 2, .scores = {1}}, 1), "score for each cell");
}

RC_GTEST_PROP(MostLookedAt, RegionsLieOnThePictureAndShareItsScores, ()) {
  PictureMap map{.columns = *rc::gen::inRange<std::uint32_t>(1, 12), .rows = *rc::gen::inRange<std::uint32_t>(1, 12)};
  const auto cell = rc::gen::element(0.0F, 0.2F, 0.5F, 1.0F, -1.0F, std::numeric_limits<float>::denorm_min(),
                                     std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity());
  map.scores = *rc::gen::container<std::vector<float>>(std::size_t{map.columns} * map.rows, cell);
  float shares = 0;
  float last = 1;
  for (const Region& region : most_looked_at(map, map.scores.size())) {
    RC_ASSERT(region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0);
    RC_ASSERT(region.x + region.width <= 1.00001F && region.y + region.height <= 1.00001F);
    RC_ASSERT(region.share > 0 && region.share <= last);
    last = region.share;
    shares += region.share;
  }
  RC_ASSERT(shares <= 1.0001F);
}

}  // namespace
}  // namespace fovea
