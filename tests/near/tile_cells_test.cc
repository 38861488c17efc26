#include "near/tile_cells.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fovea {
namespace {

std::vector<float> ramp(std::uint32_t width, std::uint32_t height) {
  std::vector<float> values(std::size_t{3} * width * height);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 97) / 10;
  return values;
}

TEST(TileCells, HasMeansAndSpreadsOfEverySize) {
  const auto values = ramp(96, 64);
  const TileCells cells = cells_of({96, 64, values});
  EXPECT_EQ(cells.grids[0].columns, 24U);
  EXPECT_EQ(cells.grids[0].rows, 16U);
  EXPECT_EQ(cells.grids[2].columns, 6U);
  EXPECT_EQ(cells.grids[2].rows, 4U);
  EXPECT_EQ(cells.size(), cell_channels * (24 * 16 + 12 * 8 + 6 * 4));
}

TEST(TileCells, ACellIsTheMeanAndDeviationOfItsValues) {
  auto values = ramp(8, 8);
  const TileCells cells = cells_of({8, 8, values});
  double sum = 0, squares = 0;  // of the second channel's lower right cell
  for (std::size_t y = 4; y < 8; ++y) {
    for (std::size_t x = 4; x < 8; ++x) sum += values[64 + y * 8 + x];
  }
  const double mean = sum / 16;
  for (std::size_t y = 4; y < 8; ++y) {
    for (std::size_t x = 4; x < 8; ++x) squares += std::pow(values[64 + y * 8 + x] - mean, 2);
  }
  EXPECT_NEAR(cells.grids[0].mean[4 + 3], mean, 1e-5);
  EXPECT_NEAR(cells.grids[0].spread[4 + 3], std::sqrt(squares / 16), 1e-5);
  EXPECT_NEAR(cells.grids[1].mean[1],
              (cells.grids[0].mean[4] + cells.grids[0].mean[5] + cells.grids[0].mean[6] + cells.grids[0].mean[7]) / 4,
              1e-5);
}

// Not of the channels' spreads, whose noise is independent.
TEST(TileCells, BrightnessIsOfTheChannelsMean) {
  std::vector<float> values(std::size_t{3} * 16);
  for (std::size_t i = 0; i < 16; ++i) {
    values[i] = i % 2 == 0 ? 3 : -3;
    values[16 + i] = -values[i];
  }
  const CellGrid grid = cells_of({4, 4, values}).grids[0];
  EXPECT_NEAR(grid.spread[0], 3, 1e-6);
  EXPECT_NEAR(grid.mean[brightness], 0, 1e-6);
  EXPECT_NEAR(grid.spread[brightness], 0, 1e-6);
}

TEST(TileCells, TheLastCellsTakeWhatIsLeftOver) {
  std::vector<float> values(std::size_t{3} * 11 * 6);
  values[10] = 24;  // the last of the first row, in a cell of 7 by 6
  const TileCells cells = cells_of({11, 6, values});
  EXPECT_EQ(cells.grids[0].columns, 2U);
  EXPECT_EQ(cells.grids[0].rows, 1U);
  EXPECT_NEAR(cells.grids[0].mean[1], 24.0 / 42, 1e-6);
}

TEST(TileCells, ATinyTileIsOneCell) {
  const std::vector<float> values{1, 2, 3};
  const TileCells cells = cells_of({1, 1, values});
  for (const CellGrid& grid : cells.grids) {
    EXPECT_EQ(grid.mean, (std::vector<float>{1, 2, 3, 2}));
    EXPECT_EQ(grid.spread, (std::vector<float>{0, 0, 0, 0}));
  }
}

TEST(TileCells, SmallChangesBesideLargeMeansAreKept) {
  std::vector<float> values(std::size_t{3} * 4 * 4, 1000.0F);
  for (std::size_t i = 0; i < values.size(); i += 2) values[i] += 0.5F;
  EXPECT_NEAR(cells_of({4, 4, values}).grids[0].spread[0], 0.25F, 1e-3);
}

TEST(TileCellsDeathTest, ValuesFitTheSize) {
  const std::vector<float> values(10);
  EXPECT_DEATH(cells_of({4, 4, values}), "a value for each channel and place");
}

}  // namespace
}  // namespace fovea
