#include "cluster/balancer/hash_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace fovea {
namespace {

bool everybody(std::uint32_t) { return true; }

std::map<std::uint32_t, double> shares(const HashRing& ring, const HashRing::Says& takes) {
  constexpr int pictures = 20'000;
  std::map<std::uint32_t, double> shares;
  for (int picture = 0; picture < pictures; ++picture)
    shares[*ring.node_of(std::to_string(picture), everybody, takes)] += 1.0 / pictures;
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
    EXPECT_EQ(ring.node_of(std::to_string(picture), everybody, everybody),
              other.node_of(std::to_string(picture), everybody, everybody));
}

TEST(HashRing, OnlyThePicturesOfANodeThatIsDownMove) {
  const std::vector<std::uint32_t> weights(4, 256);
  const HashRing ring(weights);
  const auto but_1 = [](std::uint32_t node) { return node != 1; };
  int moved = 0;
  std::map<std::uint32_t, int> to;
  for (std::uint64_t picture = 0; picture < 4000; ++picture) {
    const std::string text = std::to_string(picture);
    const auto before = ring.node_of(text, everybody, everybody), after = ring.node_of(text, but_1, everybody);
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
    const std::string text = std::to_string(picture);
    const auto with = five.node_of(text, everybody, everybody);
    if (with != 4U) {
      EXPECT_EQ(with, four.node_of(text, everybody, everybody));
    }
  }
}

TEST(HashRing, NobodyTakesNothing) {
  const HashRing ring(std::vector<std::uint32_t>(3, 16));
  const auto nobody = [](std::uint32_t) { return false; };
  EXPECT_FALSE(ring.node_of("1", everybody, nobody));
  EXPECT_FALSE(ring.node_of("1", nobody, everybody));
  const HashRing none(std::vector<std::uint32_t>{});
  EXPECT_FALSE(none.node_of("1", everybody, everybody));
}

// A node that is full gives all that it has of one stretch of the ring to whoever comes next, and not to the
// neighbours on both sides.
TEST(HashRing, OverflowGoesForward) {
  const std::vector<std::uint32_t> weights(4, 1);
  const HashRing ring(weights);
  const auto but_1 = [](std::uint32_t node) { return node != 1; };
  int apart = 0;
  for (int picture = 0; picture < 1000; ++picture) {
    const std::string text = std::to_string(picture);
    const auto overflow = ring.node_of(text, everybody, but_1), down = ring.node_of(text, but_1, everybody);
    if (ring.node_of(text, everybody, everybody) == 1U) apart += overflow != down ? 1 : 0;
  }
  EXPECT_GT(apart, 20);
}

// tests/deploy/haproxy_ring_test.py asked a real HAProxy: weights, the node that is down, the one that was
// left for another, and the node of each picture.
TEST(HashRing, ChoosesWhatHAProxyChose) {
  std::ifstream recorded(FOVEA_SOURCE_DIR "/tests/deploy/recorded/haproxy_ring.txt");
  int cases = 0;
  for (std::string line; std::getline(recorded, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream parts(line);
    std::string weights_text, down, busy, nodes;
    ASSERT_TRUE(parts >> weights_text >> down >> busy >> nodes) << line;
    std::vector<std::uint32_t> weights;
    std::ranges::replace(weights_text, ',', ' ');
    std::istringstream numbers(weights_text);
    for (std::uint32_t weight = 0; numbers >> weight;) weights.push_back(weight);
    const HashRing ring(weights);
    const auto is_up = [&](std::uint32_t node) { return std::to_string(node) != down; };
    const auto takes = [&](std::uint32_t node) { return std::to_string(node) != busy; };
    std::string chosen;
    for (std::size_t picture = 0; picture < nodes.size(); ++picture)
      chosen += std::to_string(ring.node_of(std::to_string(picture), is_up, takes).value());
    EXPECT_EQ(chosen, nodes) << line;
    ++cases;
  }
  EXPECT_EQ(cases, 7);
}

}  // namespace
}  // namespace fovea
