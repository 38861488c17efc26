#include "cluster/balancer/hash_ring.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace fovea {
namespace {

bool everybody(std::uint32_t) { return true; }

std::map<std::uint32_t, double> shares(const HashRing& ring, const HashRing::Takes& takes) {
  constexpr int pictures = 20'000;
  std::map<std::uint32_t, double> shares;
  for (int picture = 0; picture < pictures; ++picture)
    shares[*ring.node_of(static_cast<std::uint64_t>(picture), takes)] += 1.0 / pictures;
  return shares;
}

TEST(HashRing, GivesEachNodeItsShareByWeight) {
  const std::vector<std::uint32_t> weights = {256, 256, 128};
  const HashRing ring(weights);
  const auto of = shares(ring, everybody);
  EXPECT_NEAR(of.at(0), 0.4, 0.03);
  EXPECT_NEAR(of.at(1), 0.4, 0.03);
  EXPECT_NEAR(of.at(2), 0.2, 0.03);
}

TEST(HashRing, APictureAlwaysHasTheSameNode) {
  const std::vector<std::uint32_t> weights(5, 256);
  const HashRing ring(weights), other(weights);
  for (std::uint64_t picture = 0; picture < 100; ++picture)
    EXPECT_EQ(ring.node_of(picture, everybody), other.node_of(picture, everybody));
}

TEST(HashRing, OnlyThePicturesOfANodeThatIsDownMove) {
  const std::vector<std::uint32_t> weights(4, 256);
  const HashRing ring(weights);
  const auto but_1 = [](std::uint32_t node) { return node != 1; };
  int moved = 0;
  std::map<std::uint32_t, int> to;
  for (std::uint64_t picture = 0; picture < 4000; ++picture) {
    const auto before = ring.node_of(picture, everybody), after = ring.node_of(picture, but_1);
    if (before != 1U) {
      EXPECT_EQ(after, before);
      continue;
    }
    ++moved;
    ++to[*after];
  }
  EXPECT_NEAR(moved, 1000, 120);
  EXPECT_EQ(to.size(), 3U);  // not all to one neighbour
  for (const auto& [node, pictures] : to) EXPECT_NEAR(pictures, 333, 100);
}

TEST(HashRing, AddingANodeTakesFromAll) {
  const HashRing four(std::vector<std::uint32_t>(4, 256)), five(std::vector<std::uint32_t>(5, 256));
  for (std::uint64_t picture = 0; picture < 1000; ++picture) {
    const auto with = five.node_of(picture, everybody);
    if (with != 4U) {
      EXPECT_EQ(with, four.node_of(picture, everybody));
    }
  }
}

TEST(HashRing, NobodyTakesNothing) {
  const HashRing ring(std::vector<std::uint32_t>(3, 16));
  EXPECT_FALSE(ring.node_of(1, [](std::uint32_t) { return false; }));
  const HashRing none(std::vector<std::uint32_t>{});
  EXPECT_FALSE(none.node_of(1, everybody));
}

}  // namespace
}  // namespace fovea
