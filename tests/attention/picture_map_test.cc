#include "attention/picture_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>

namespace fovea {
namespace {

using testing::Each;
using testing::ElementsAre;

TEST(PictureMap, OneTileIsItsScores) {
  const std::vector<float> scores{0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F};
  const PictureMap map = picture_map(std::vector<PlacedTile>{{.columns = 3, .rows = 2, .scores = scores}});
  EXPECT_EQ(map.columns, 3U);
  EXPECT_EQ(map.rows, 2U);
  EXPECT_EQ(map.scores, scores);
}

TEST(PictureMap, SlicesLieBesideEachOther) {
  const std::vector<float> left{1, 2, 3, 4};
  const std::vector<float> right{5, 6, 7, 8};
  const PictureMap map = picture_map(std::vector<PlacedTile>{
      {.width = 0.5, .columns = 2, .rows = 2, .scores = left},
      {.x = 0.5, .width = 0.5, .columns = 2, .rows = 2, .scores = right},
  });
  EXPECT_EQ(map.columns, 4U);
  EXPECT_EQ(map.rows, 2U);
  EXPECT_THAT(map.scores, ElementsAre(1, 2, 5, 6, 3, 4, 7, 8));
}

TEST(PictureMap, AnOverviewAndSlicesGiveTheirMean) {
  const std::vector<float> overview{0, 1};
  const std::vector<float> slice{1, 0};
  const PictureMap map = picture_map(std::vector<PlacedTile>{
      {.columns = 2, .rows = 1, .scores = overview},
      {.x = 0.5, .width = 0.5, .columns = 2, .rows = 1, .scores = slice},
  });
  EXPECT_EQ(map.columns, 4U);
  EXPECT_THAT(map.scores, ElementsAre(0, 0, 1, 0.5F));
}

TEST(PictureMap, ThirdsOfAPictureMeetWithoutSeamOrOverlap) {
  const std::vector<float> scores(64, 0.25F);
  std::vector<PlacedTile> tiles;
  for (const int row : {0, 1, 2}) {
    for (const int column : {0, 1, 2}) {
      tiles.push_back({.x = column / 3.0,
                       .y = row * (1 / 3.0),
                       .width = 1 / 3.0,
                       .height = 1 / 3.0,
                       .columns = 8,
                       .rows = 8,
                       .scores = scores});
    }
  }
  const PictureMap map = picture_map(tiles);
  EXPECT_EQ(map.columns, 24U);
  EXPECT_EQ(map.rows, 24U);
  EXPECT_THAT(map.scores, Each(0.25F));
}

TEST(PictureMap, SlicesMeetWhereverTheirEdgesFallOnTheMap) {
  const std::vector<float> zeros(60);
  const std::vector<float> one{1};
  for (std::uint32_t slices = 1; slices <= 24; ++slices) {
    const double width = 1.0 / slices;
    for (std::uint32_t columns = 1; columns <= zeros.size(); ++columns) {
      std::vector<PlacedTile> tiles{{.columns = columns, .rows = 1, .scores = std::span(zeros).first(columns)}};
      for (std::uint32_t slice = 0; slice < slices; ++slice)
        tiles.push_back({.x = slice * width, .width = width, .columns = 1, .rows = 1, .scores = one});
      // Everywhere the overview's 0 and one slice's 1.
      ASSERT_THAT(picture_map(tiles).scores, Each(0.5F)) << slices << " slices on " << columns << " columns";
    }
  }
}

TEST(PictureMap, APlaceThatWasRoundedMakesNoFinerMap) {
  const std::vector<float> scores(8);
  const PictureMap map =
      picture_map(std::vector<PlacedTile>{{.width = 0.3333333, .columns = 8, .rows = 1, .scores = scores}});
  EXPECT_EQ(map.columns, 24U);
}

TEST(PictureMap, WhatNoTileCoversIsZeroAndWhatLiesBeyondThePictureIsCut) {
  const std::vector<float> one{1};
  const std::vector<float> padded{1, 2, 3, 4};  // the picture is the middle half of the tile
  const PictureMap gap =
      picture_map(std::vector<PlacedTile>{{.x = 0.5, .width = 0.5, .columns = 1, .rows = 1, .scores = one}});
  EXPECT_THAT(gap.scores, ElementsAre(0, 1));
  const PictureMap map =
      picture_map(std::vector<PlacedTile>{{.x = -0.5, .width = 2, .columns = 4, .rows = 1, .scores = padded}});
  EXPECT_THAT(map.scores, ElementsAre(2, 3));
}

TEST(PictureMap, IsBounded) {
  const std::vector<float> one{0.5F};
  const PictureMap map =
      picture_map(std::vector<PlacedTile>{{.width = 1e-300, .height = 1e-3, .columns = 1, .rows = 1, .scores = one}});
  EXPECT_EQ(map.columns, map_side_max);
  EXPECT_EQ(map.rows, map_side_max);
  EXPECT_TRUE(picture_map({}).scores.empty());
}

TEST(PictureMapDeathTest, TilesThatAreNotSoundAreRefused) {
  const std::vector<float> one{1};
  const auto map_of = [](const PlacedTile& tile) { return picture_map(std::span(&tile, 1)); };
  EXPECT_DEATH(map_of({.columns = 2, .rows = 1, .scores = one}), "score for each cell");
  EXPECT_DEATH(map_of({.columns = 0, .rows = 1}), "has cells");
  EXPECT_DEATH(map_of({.width = 0, .columns = 1, .rows = 1, .scores = one}), "shows something");
  EXPECT_DEATH(map_of({.x = std::numeric_limits<double>::quiet_NaN(), .columns = 1, .rows = 1, .scores = one}),
               "at a place");
}

RC_GTEST_PROP(PictureMap, StaysWithinTheScoresOfItsTiles, ()) {
  std::vector<std::vector<float>> scores;
  std::vector<PlacedTile> tiles;
  const auto count = *rc::gen::inRange(1, 5);
  for (int tile = 0; tile < count; ++tile) {
    const auto columns = *rc::gen::inRange<std::uint32_t>(1, 9);
    const auto rows = *rc::gen::inRange<std::uint32_t>(1, 9);
    const auto hundredths =
        rc::gen::map(rc::gen::inRange(0, 101), [](int number) { return static_cast<float>(number) / 100; });
    scores.push_back(*rc::gen::container<std::vector<float>>(std::size_t{columns} * rows, hundredths));
    const auto place = [] { return *rc::gen::inRange(-20, 101) / 100.0; };
    const auto extent = [] { return *rc::gen::inRange(1, 151) / 100.0; };
    tiles.push_back(
        {.x = place(), .y = place(), .width = extent(), .height = extent(), .columns = columns, .rows = rows});
  }
  float greatest = 0;
  for (std::size_t tile = 0; tile < tiles.size(); ++tile) {
    tiles[tile].scores = scores[tile];
    greatest = std::max(greatest, std::ranges::max(scores[tile]));
  }
  const PictureMap map = picture_map(tiles);
  RC_ASSERT(map.columns >= 1 && map.columns <= map_side_max);
  RC_ASSERT(map.rows >= 1 && map.rows <= map_side_max);
  RC_ASSERT(map.scores.size() == std::size_t{map.columns} * map.rows);
  for (const float score : map.scores) RC_ASSERT(score >= 0 && score <= greatest + 1e-6F);
}

}  // namespace
}  // namespace fovea
