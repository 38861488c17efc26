#include "near/noise_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "near/drawn_tile.h"

namespace fovea {
namespace {

using test::drawn_level;
using test::DrawnTile;

// Learns from this many frames, with something done to the scene before each.
template <typename Before>
void learn(NoiseModel& model, DrawnTile& tile, int frames, float noise, Before&& before_frame) {
  TileCells last = cells_of(tile.frame(noise));
  for (int i = 0; i < frames; ++i) {
    before_frame(i);
    TileCells now = cells_of(tile.frame(noise));
    model.learn(last, now);
    last = std::move(now);
  }
}
void learn(NoiseModel& model, DrawnTile& tile, int frames, float noise) {
  learn(model, tile, frames, noise, [](int) {});
}

// In levels.
float noise_of(const NoiseModel& model) { return model.cell_noise() / drawn_level; }

TEST(NoiseModel, NeedsSomeFrames) {
  DrawnTile tile(96, 96, 1);
  NoiseModel model(drawn_level);
  learn(model, tile, NoiseModel::pairs_min - 1, 2);
  EXPECT_FALSE(model.usable());
  learn(model, tile, 1, 2);
  EXPECT_TRUE(model.usable());
}

// The mean of 16 values has a quarter of a value's noise, where that is not correlated.
TEST(NoiseModel, FindsTheNoise) {
  for (const float noise : {1.0F, 2.0F, 4.0F}) {
    DrawnTile tile(96, 96, 2);
    NoiseModel model(drawn_level);
    learn(model, tile, 16, noise);
    EXPECT_GT(noise_of(model), 0.7F * noise / 4) << noise;
    EXPECT_LT(noise_of(model), 1.5F * noise / 4) << noise;
  }
}

TEST(NoiseModel, BrightCellsHaveMoreNoise) {
  DrawnTile tile(96, 96, 3);
  tile.paint(0, 0, 48, -1000);  // black: little noise, a half of that cut off
  NoiseModel model(drawn_level);
  learn(model, tile, 16, 3);
  const TileCells now = cells_of(tile.frame(3));
  const auto variance = [&](std::size_t cell) { return model.of(0, CellStatistic::mean, cell, now.grids[0]).variance; };
  EXPECT_LT(variance(0), variance(24 * 24 - 1));
}

// With a square of this side that changes in every frame.
NoiseModel with_motion(std::uint32_t side) {
  DrawnTile tile(96, 96, 4);
  NoiseModel model(drawn_level);
  learn(model, tile, 16, 2, [&](int i) { tile.paint(0, 0, side, i % 2 == 0 ? 60 : -60); });
  return model;
}

TEST(NoiseModel, ThingsThatMoveInASmallPartOfItAreNoNoise) {
  const NoiseModel quiet = with_motion(0), moved = with_motion(16);
  EXPECT_TRUE(moved.usable());
  EXPECT_LT(noise_of(moved), 1.2F * noise_of(quiet));
  EXPECT_GT(moved.changing(), 0U);
}

TEST(NoiseModel, WhereMuchMovesNothingIsKnownOfTheNoise) { EXPECT_FALSE(with_motion(48).usable()); }

TEST(NoiseModel, WhatMovesEverywhereIsNoNoise) {
  DrawnTile tile(96, 96, 5);
  NoiseModel model(drawn_level);
  std::mt19937 random(1);
  learn(model, tile, 16, 2, [&](int) {
    for (std::uint32_t at = 0; at < 36; ++at)
      tile.paint(at % 6 * 16, at / 6 * 16, 16, static_cast<float>(random() % 41) - 20);
  });
  EXPECT_TRUE(model.learnt());
  EXPECT_FALSE(model.usable());
}

TEST(NoiseModel, NoiseTooStrongForASensorIsNotUsed) {
  DrawnTile tile(96, 96, 6);
  NoiseModel model(drawn_level);
  learn(model, tile, 16, 20);
  EXPECT_FALSE(model.usable());
}

TEST(NoiseModel, LearnsAgainWhenTheNoiseGrows) {
  DrawnTile tile(96, 96, 7);
  NoiseModel model(drawn_level);
  learn(model, tile, 16, 1);
  const float before = noise_of(model);
  learn(model, tile, 16, 4);
  EXPECT_GT(noise_of(model), 2.5F * before);
}

// Else something could hide behind the earlier noise.
TEST(NoiseModel, FollowsAtOnceWhenTheNoiseFalls) {
  DrawnTile tile(96, 96, 8);
  NoiseModel model(drawn_level);
  learn(model, tile, 16, 4);
  const float before = noise_of(model);
  learn(model, tile, 3, 1);
  EXPECT_LT(noise_of(model), before / 2);
}

TEST(NoiseModel, EqualFramesTellNothing) {
  DrawnTile tile(96, 96, 9);
  NoiseModel model(drawn_level);
  learn(model, tile, 16, 2);
  const float before = noise_of(model);
  const TileCells frame = cells_of(tile.frame(2));
  for (std::size_t i = 0; i + 1 < NoiseModel::pairs_min; ++i) model.learn(frame, frame);
  EXPECT_EQ(noise_of(model), before);
  model.learn(frame, frame);
  EXPECT_FALSE(model.learnt()) << "a source that stands still for long may have no noise any more";
}

TEST(NoiseModel, BarsBesideThePictureDoNotCount) {
  DrawnTile tile(96, 96, 10);
  NoiseModel whole(drawn_level), barred(drawn_level);
  TileCells last;
  for (int i = 0; i < 17; ++i) {
    const TileView view = tile.frame(2);
    const TileCells now = cells_of(view);
    std::vector<float> values(view.values.begin(), view.values.end());
    for (std::size_t at = 0; at < values.size(); ++at) {
      if (at / 96 % 96 < 32 || at / 96 % 96 >= 64) values[at] = 0;
    }
    static TileCells last_barred;
    const TileCells now_barred = cells_of({96, 96, values});
    if (i > 0) {
      whole.learn(last, now);
      barred.learn(last_barred, now_barred);
    }
    last = now;
    last_barred = now_barred;
  }
  EXPECT_NEAR(noise_of(barred) / noise_of(whole), 1, 0.4);
}

// The first cell of a source whose first square of 8 values changes by so many levels, forth and back, in
// every `every`-th frame; beside what a cell elsewhere is allowed.
struct Allowed {
  float share;
  bool changing;
};
Allowed allowed_for(float levels, int every, int frames = 64) {
  DrawnTile tile(96, 96, 11);
  NoiseModel model(drawn_level);
  bool up = false;
  learn(model, tile, frames, 2, [&](int i) {
    if (i % every == every - 1) tile.paint(0, 0, 8, (up = !up) ? levels : -levels);
  });
  const TileCells now = cells_of(tile.frame(2));
  const CellNoise here = model.of(0, CellStatistic::mean, 0, now.grids[0]);
  const CellNoise elsewhere = model.of(0, CellStatistic::mean, 24 * 12 + 12, now.grids[0]);
  EXPECT_FALSE(elsewhere.changing);
  return {here.variance / elsewhere.variance, here.changing};
}

TEST(NoiseModel, ANoisyCellIsAllowedMoreAndAPlaceWhereThingsChangeIsNot) {
  const Allowed noisy = allowed_for(1.5F, 1);
  EXPECT_FALSE(noisy.changing);
  EXPECT_GT(noisy.share, 1.5F);
  for (const float levels : {6.0F, 90.0F}) {
    const Allowed display = allowed_for(levels, 1);
    EXPECT_TRUE(display.changing) << levels;
    EXPECT_LE(display.share, 1.1F) << levels;
  }
}

TEST(NoiseModel, SeesFromTheStartWhereThingsChange) { EXPECT_TRUE(allowed_for(40, 1, NoiseModel::pairs_min).changing); }

// Once: to be gone again by the same way must be seen.
TEST(NoiseModel, WhatHappensOnceLeavesLittle) {
  const Allowed after = allowed_for(5, 60, 60);
  EXPECT_FALSE(after.changing);
  EXPECT_LE(after.share, 1.6F);
}

// As JPEG's steps: one in seven cells with edges jumps, and none without. Among all cells that would be seldom
// enough for a display.
TEST(NoiseModel, CellsAreComparedWithThoseOfAsMuchContrast) {
  const auto changing = [](bool edges) {
    DrawnTile tile(96, 96, 12);
    for (std::uint32_t at = 0; edges && at < 48 * 96; at += 3) tile.paint(48 + at % 48, at / 48, 1, 50);
    NoiseModel model(drawn_level);
    learn(model, tile, 32, 2, [&](int i) {
      for (std::uint32_t at = 0; at < 72; at += 7) tile.paint(48 + at % 6 * 8, at / 6 * 8, 8, i % 2 == 0 ? 6 : -6);
    });
    return model.changing();
  };
  EXPECT_GT(changing(false), 100U);
  EXPECT_LT(changing(true), 20U);
}

}  // namespace
}  // namespace fovea
