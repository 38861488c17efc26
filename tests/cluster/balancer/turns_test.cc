#include "cluster/balancer/turns.h"

#include <gtest/gtest.h>

#include <vector>

namespace fovea {
namespace {

bool everybody(std::uint32_t) { return true; }

std::vector<std::uint32_t> turns_of(Turns& turns, int count) {
  std::vector<std::uint32_t> nodes;
  for (int i = 0; i < count; ++i) nodes.push_back(*turns.next(everybody));
  return nodes;
}

TEST(Turns, EqualNodesComeOneAfterAnother) {
  Turns turns(std::vector<std::uint32_t>(3, 256));
  EXPECT_EQ(turns_of(turns, 7), (std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2, 0}));
}

TEST(Turns, TwiceTheWeightIsTwiceTheTurns) {
  Turns turns(std::vector<std::uint32_t>{200, 100});
  std::vector<int> count(2);
  for (const std::uint32_t node : turns_of(turns, 30)) ++count[node];
  EXPECT_EQ(count, (std::vector<int>{20, 10}));
}

TEST(Turns, WhoWasAwayHasNotEverythingToMakeUpFor) {
  Turns turns(std::vector<std::uint32_t>(2, 256));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(turns.next([](std::uint32_t node) { return node == 0; }), 0U);
  std::vector<int> count(2);
  for (const std::uint32_t node : turns_of(turns, 20)) ++count[node];
  EXPECT_NEAR(count[1], 10, 1);
}

TEST(Turns, NobodyTakesNothing) {
  Turns turns(std::vector<std::uint32_t>(2, 256));
  EXPECT_FALSE(turns.next([](std::uint32_t) { return false; }));
}

}  // namespace
}  // namespace fovea
