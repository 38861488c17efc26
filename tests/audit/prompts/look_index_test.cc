#include "audit/prompts/look_index.h"

#include <gtest/gtest.h>

#include <bit>

#include "trace/mixed_bits.h"

namespace fovea {
namespace {

constexpr std::uint64_t look = 0x0f1e2d3c4b5a6978;

TEST(LookIndex, FindsWhatDiffersInFourBitsWhereverTheyAre) {
  LookIndex index;
  index.add({look, 640, 480});
  for (std::uint64_t seed = 1; seed < 2000; ++seed) {
    std::uint64_t other = look;
    for (int i = 0; i < 4; ++i)
      other ^= std::uint64_t{1} << (mixed_bits(seed * 4 + static_cast<std::uint64_t>(i)) % 64);
    ASSERT_TRUE(index.find({other, 640, 480})) << "seed " << seed;
  }
}

TEST(LookIndex, PassesOverOtherLooks) {
  LookIndex index;
  index.add({look, 640, 480});
  EXPECT_FALSE(index.find({look ^ 0x7f, 640, 480}));  // seven bits
  EXPECT_FALSE(index.find({look ^ 0xff00ff, 640, 480}));
}

TEST(LookIndex, AResizedCopyKeepsItsShape) {
  LookIndex index;
  index.add({look, 640, 480});
  const auto found = index.find({look ^ 1, 320, 240});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->width, 640U);
  EXPECT_FALSE(index.find({look, 480, 640}));
  EXPECT_FALSE(index.find({look, 0, 0}));
}

TEST(LookIndex, TakesTheNearest) {
  LookIndex index;
  index.add({look ^ 0b111, 100, 100});
  index.add({look ^ 0b1, 200, 200});
  index.add({look ^ 0b11, 300, 300});
  EXPECT_EQ(index.find({look, 50, 50})->width, 200U);
}

TEST(LookIndex, BlankPicturesLookLikeNothing) {
  LookIndex index;
  index.add({0b11, 100, 100});
  index.add({~std::uint64_t{0}, 100, 100});
  EXPECT_FALSE(index.find({0b11, 100, 100}));
  EXPECT_FALSE(index.find({~std::uint64_t{0}, 100, 100}));
}

}  // namespace
}  // namespace fovea
