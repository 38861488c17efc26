// mixed_bits gives the published values of SplitMix64, and fractions lie in [0, 1).
#include "trace/mixed_bits.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

// The first two numbers of SplitMix64 with seed 0: its state grows by the golden ratio's 64 bits at each
// step.
TEST(MixedBits, AreThoseOfSplitMix64) {
  EXPECT_EQ(mixed_bits(0), 0xe220a8397b1dcdafu);
  EXPECT_EQ(mixed_bits(0x9e3779b97f4a7c15), 0x6e789e6aa1b965f4u);
}

TEST(MixedBits, FractionsLieFromZeroToBelowOne) {
  EXPECT_EQ(unit_fraction(0), 0);
  EXPECT_EQ(unit_fraction(std::uint64_t{1} << 63), 0.5);
  EXPECT_LT(unit_fraction(UINT64_MAX), 1);
  EXPECT_GT(unit_fraction(UINT64_MAX), 0.999'999'999);
}

}  // namespace
}  // namespace fovea
