#include "near/settling.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

// An embedding at this distance from that of ones.
std::vector<float> at(float distance) {
  std::vector<float> values(100, 1.0F);
  values[7] += 10 * distance;
  return values;
}

// Distances of 0.1 from one to the next.
Settling usual() {
  Settling settling;
  for (int i = 0; i < 6; ++i) settling.add(at(i % 2 == 0 ? 0.0F : 0.1F), false);
  return settling;
}

TEST(Settling, IsSettledUntilItKnowsWhatIsUsual) {
  Settling settling;
  for (const float distance : {0.0F, 1.0F, 5.0F, 0.0F}) {
    settling.add(at(distance), false);
    EXPECT_TRUE(settling.settled());
  }
}

TEST(Settling, AnEmbeddingThatLiesFarIsNot) {
  Settling settling = usual();
  settling.add(at(0.15F), false);
  EXPECT_TRUE(settling.settled());
  settling.add(at(0.5F), false);
  EXPECT_FALSE(settling.settled());
  settling.add(at(0.45F), false);
  EXPECT_TRUE(settling.settled());
}

TEST(Settling, GivesUpAfterSomeTries) {
  Settling settling = usual();
  settling.add(at(0.1F), false);
  float distance = 1;
  for (std::uint32_t i = 0; i < Settling::tries_max; ++i) {
    settling.add(at(distance *= 4), true);
    EXPECT_FALSE(settling.settled());
  }
  settling.add(at(distance * 4), true);
  EXPECT_TRUE(settling.settled());
}

// Else things that move would make every distance usual.
TEST(Settling, WhatChangedSaysNothingOfWhatIsUsual) {
  Settling settling = usual();
  for (int i = 0; i < 20; ++i) settling.add(at(i % 2 == 0 ? 3.0F : 0.0F), true);
  settling.add(at(3), false);
  settling.add(at(3.5F), true);
  EXPECT_FALSE(settling.settled());
}

TEST(Settling, AnEmbeddingOfAnotherSizeIsComparedWithNothing) {
  Settling settling = usual();
  settling.add(std::vector<float>(50, 9.0F), false);
  EXPECT_TRUE(settling.settled());
  settling.add({}, false);
  EXPECT_TRUE(settling.settled());
}

}  // namespace
}  // namespace fovea
