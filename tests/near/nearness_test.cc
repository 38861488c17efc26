#include "near/nearness.h"

#include <gtest/gtest.h>

#include <limits>

#include "near/drawn_tile.h"

namespace fovea {
namespace {

using test::drawn_level;
using test::DrawnTile;

// A still tile with its noise learnt.
struct Learnt {
  explicit Learnt(std::uint32_t seed, float noise_levels = 2)
      : tile(96, 96, seed), noise(drawn_level), levels(noise_levels) {
    reference = cells_of(tile.frame(levels));
    TileCells last = reference;
    for (int i = 0; i < 16; ++i) {
      TileCells now = cells_of(tile.frame(levels));
      noise.learn(last, now);
      last = std::move(now);
    }
  }
  Nearness next() { return nearness(reference, cells_of(tile.frame(levels)), noise); }

  DrawnTile tile;
  NoiseModel noise;
  float levels;
  TileCells reference;
};

TEST(Nearness, AStillTileIsNearAlmostAlways) {
  int refused = 0;
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    Learnt source(seed);
    for (int i = 0; i < 20; ++i) refused += source.next() != Nearness::near;
  }
  EXPECT_LE(refused, 30) << "of 200";
}

TEST(Nearness, ASmallThingIsSeenWhereverItLies) {
  for (std::uint32_t place = 0; place < 24; ++place) {
    Learnt source(place + 100);
    source.tile.paint(5 + place * 3, 90 - place * 3, 4, 60);
    EXPECT_NE(source.next(), Nearness::near) << place;
  }
}

TEST(Nearness, SoIsOneThatGoes) {
  Learnt source(7);
  source.tile.paint(40, 40, 10, -80);
  source.reference = cells_of(source.tile.frame(2));
  source.tile.paint(40, 40, 10, 80);
  EXPECT_EQ(source.next(), Nearness::changed);
}

// A pattern that changes no cell's mean.
TEST(Nearness, TextureIsSeenByTheSpread) {
  Learnt source(8);
  for (std::uint32_t x = 32; x < 48; ++x) source.tile.paint(x, 32, 1, x % 2 == 0 ? 30 : -30);
  for (std::uint32_t x = 32; x < 48; ++x) source.tile.paint(x, 33, 1, x % 2 == 0 ? 30 : -30);
  EXPECT_NE(source.next(), Nearness::near);
}

// Alone in a channel it would not be.
TEST(Nearness, AFaintGreyThingIsSeenByItsBrightness) {
  int seen = 0;
  for (std::uint32_t seed = 20; seed < 40; ++seed) {
    Learnt source(seed);
    source.tile.paint(40, 40, 4, 3.3F);
    seen += source.next() != Nearness::near;
  }
  EXPECT_GE(seen, 15) << "of 20";
}

TEST(Nearness, LightThatDriftsIsSeenBeforeItIsMuch) {
  Learnt source(9);
  int frames = 0;
  Nearness seen = Nearness::near;
  while (seen == Nearness::near && ++frames < 100) {
    source.tile.light(1.0005F);
    seen = source.next();
  }
  EXPECT_LT(frames, 25) << "by then the light has changed by 1 %";
}

TEST(Nearness, NumbersThatAreNoneAreNotNear) {
  Learnt source(10);
  TileCells now = cells_of(source.tile.frame(2));
  now.grids[0].mean[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(nearness(source.reference, now, source.noise), Nearness::changed);
}

}  // namespace
}  // namespace fovea
