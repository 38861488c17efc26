// Netpbm's six kinds.
#include "image/plain/pnm.h"

#include <gtest/gtest.h>

#include "image/plain/shown.h"

namespace fovea {
namespace {

TEST(Pnm, BitmapsHaveInkForOne) {
  EXPECT_EQ(shown("P1\n3 1\n0 1 0\n"), "ffffff 000000 ffffff");
  EXPECT_EQ(shown("P1 3 1 010"), "ffffff 000000 ffffff") << "digits need no space";
  EXPECT_EQ(shown("P4 3 2\n\x40\xA0"), "ffffff 000000 ffffff|000000 ffffff 000000");
}

TEST(Pnm, GreyAndColourAreScaledToEightBits) {
  EXPECT_EQ(shown("P2 2 1 15\n0 15\n"), "000000 ffffff");
  EXPECT_EQ(shown("P5 2 1 255\n\x07\xFF"), "070707 ffffff");
  EXPECT_EQ(shown("P3 1 1 3  1 2 3"), "55aaff");
  EXPECT_EQ(shown("P6 1 1 255\n\1\2\3"), "010203");
  EXPECT_EQ(shown(std::string("P5 2 1 65535\n\x80\x80\0\0", 17)), "808080 000000");
}

TEST(Pnm, ANumberThatIsTooHighIsTheHighest) { EXPECT_EQ(shown("P5 1 1 7\n\xFF"), "ffffff"); }

TEST(Pnm, CommentsAreSkipped) { EXPECT_EQ(shown("P2 # a camera\n# and more\n1 1 # size\n9\n9"), "ffffff"); }

TEST(Pnm, WhatEndsEarlyOrIsNoNumberIsRefused) {
  for (const char* file : {"P6 1 1 255\n\1\2", "P6 1 1", "P5 1 1 0\n\1", "P2 1 1 255\nx", "P1 3 1 012", "P2 2 1 9 1",
                           "P5 -1 1 255\n\1", "P5 0 1 255\n\1", "P5 99999999999999999999 1 255\n\1"})
    EXPECT_EQ(shown(file), "invalid") << file;
  EXPECT_EQ(shown("P5 60000 1 255\n\1"), "too_large");
}

}  // namespace
}  // namespace fovea
