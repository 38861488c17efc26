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
  const auto variance = [&](std::size_t cell) { return model.variance(0, CellStatistic::mean, cell, now.grids[0]); };
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
  EXPECT_LT(noise_of(moved), 1.2F * noise_of(quiet));
  EXPECT_TRUE(quiet.usable());
  EXPECT_FALSE(moved.usable());
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

// A source whose first square changes by so many levels, forth and back, every so many frames.
struct Jumping {
  bool usable;
  float allowed;  // the variance of its first cell, in those of a cell elsewhere
};
Jumping jumping(float levels, std::uint32_t side, int every, int frames = 64) {
  DrawnTile tile(96, 96, 11);
  NoiseModel model(drawn_level);
  bool up = false;
  learn(model, tile, frames, 2, [&](int i) {
    if (i % every == every - 1) tile.paint(0, 0, side, (up = !up) ? levels : -levels);
  });
  const TileCells now = cells_of(tile.frame(2));
  const auto variance = [&](std::size_t cell) { return model.variance(0, CellStatistic::mean, cell, now.grids[0]); };
  return {model.usable(), variance(0) / variance(24 * 12 + 12)};
}

TEST(NoiseModel, ANoisyCellIsAllowedMore) {
  const Jumping noisy = jumping(1, 4, 1);
  EXPECT_TRUE(noisy.usable);
  EXPECT_GT(noisy.allowed, 1.5F);
}

TEST(NoiseModel, WhereThingsChangeAllTheTimeNothingIsKnownOfTheNoise) {
  for (const float levels : {6.0F, 90.0F}) EXPECT_FALSE(jumping(levels, 8, 1).usable) << levels;
}

TEST(NoiseModel, SeesThatFromTheStart) { EXPECT_FALSE(jumping(40, 8, 1, NoiseModel::pairs_min).usable); }

// Once: to be gone again by the same way must be seen.
TEST(NoiseModel, WhatHappensOnceLeavesLittle) {
  const Jumping after = jumping(3.5F, 8, 60, 60);
  EXPECT_TRUE(after.usable);
  EXPECT_LE(after.allowed, 1.6F);
}

// As JPEG's steps: one in seven cells with edges jumps, and none without. Among all cells that is as seldom
// as a display.
TEST(NoiseModel, CellsAreComparedWithThoseOfAsMuchContrast) {
  const auto usable = [](bool edges) {
    DrawnTile tile(96, 96, 12);
    for (std::uint32_t at = 0; edges && at < 48 * 96; at += 3) tile.paint(48 + at % 48, at / 48, 1, 50);
    NoiseModel model(drawn_level);
    learn(model, tile, 32, 2, [&](int i) {
      for (std::uint32_t at = 0; at < 72; at += 7) tile.paint(48 + at % 6 * 8, at / 6 * 8, 8, i % 2 == 0 ? 3 : -3);
    });
    return model.usable();
  };
  EXPECT_FALSE(usable(false));
  EXPECT_TRUE(usable(true));
}

}  // namespace
}  // namespace fovea
