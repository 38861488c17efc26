#include "near/pair_noise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "near/drawn_tile.h"

namespace fovea {
namespace {

using test::drawn_level;
using test::DrawnTile;

constexpr std::size_t mean = 0;  // CellStatistic::mean

// Of one frame's cells of 4 by 4, in levels.
float deviation(float variance) { return std::sqrt(variance) / drawn_level; }

TEST(PairNoise, IsThatOfOneFrame) {
  DrawnTile tile(96, 96, 1);
  const TileCells before = cells_of(tile.frame(4));
  const auto noise = pair_noise(before, cells_of(tile.frame(4)));
  ASSERT_TRUE(noise);
  // The mean of 16 values has a quarter of a value's noise, which is 2.5 to 5 levels here.
  const NoiseLine& colour = (*noise)[0][mean].colour;
  EXPECT_GT(deviation(colour.dark), 0.5F);
  EXPECT_LT(deviation(colour.bright), 1.6F);
  // Of three channels with independent noise.
  const NoiseLine& bright = (*noise)[0][mean].bright;
  EXPECT_NEAR(std::sqrt((colour.dark + colour.bright) / (bright.dark + bright.bright)), std::sqrt(3.0F), 0.4F);
}

TEST(PairNoise, LightThatChangedEverywhereIsNone) {
  DrawnTile tile(96, 96, 2);
  const TileCells before = cells_of(tile.frame(1));
  for (std::uint32_t at = 0; at < 4; ++at) tile.paint(at % 2 * 48, at / 2 * 48, 48, 10);
  const auto noise = pair_noise(before, cells_of(tile.frame(1)));
  ASSERT_TRUE(noise);
  EXPECT_LT(deviation((*noise)[2][mean].colour.bright), 0.5F);
}

TEST(PairNoise, AThingInLessThanHalfOfItIsNone) {
  DrawnTile tile(96, 96, 3);
  const TileCells before = cells_of(tile.frame(1));
  tile.paint(0, 0, 32, 80);
  const auto noise = pair_noise(before, cells_of(tile.frame(1)));
  ASSERT_TRUE(noise);
  EXPECT_LT(deviation((*noise)[0][mean].colour.bright), 1);
}

TEST(PairNoise, EqualFramesAndThingsInStillPicturesTellNothing) {
  DrawnTile tile(96, 96, 4);
  const TileCells before = cells_of(tile.frame(0));
  EXPECT_FALSE(pair_noise(before, before));
  tile.paint(0, 0, 16, 50);
  EXPECT_FALSE(pair_noise(before, cells_of(tile.frame(0))));
}

TEST(NoiseLine, GoesBetweenTwoPointsAndNotFarBeyond) {
  const NoiseLine line{.dark_level = 0, .dark = 1, .bright_level = 10, .bright = 3};
  EXPECT_EQ(line.at(0), 1);
  EXPECT_EQ(line.at(5), 2);
  EXPECT_EQ(line.at(10), 3);
  EXPECT_EQ(line.at(-100), 0.5F);
  EXPECT_EQ(line.at(1000), 6);
  const NoiseLine one{.dark_level = 4, .dark = 1, .bright_level = 4, .bright = 2};
  EXPECT_EQ(one.at(0), 2) << "of one level, the larger";
}

}  // namespace
}  // namespace fovea
