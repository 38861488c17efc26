#include "cluster/node/node_costs.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "cluster/made_fleet.h"
#include "fovea/level.h"

namespace fovea {
namespace {

TEST(NodeCosts, AreTheProfilesNumbers) {
  const Fleet fleet = test::made_fleet(1, 1, 1);
  const NodeCosts costs = node_costs(fleet.classes.front());
  EXPECT_EQ(costs.hit_ms, 1);
  EXPECT_EQ(costs.encodes, 1U);
  EXPECT_EQ(costs.encode_ms, 1000);
  EXPECT_EQ(costs.answer_tokens, 10U);  // 50 ms in steps of 5
  EXPECT_EQ(costs.load_ms, 500);
  EXPECT_FALSE(costs.has_states);
  EXPECT_EQ(decode_step_ms(costs.device, 2), 10);
}

TEST(NodeCosts, TilesThatDifferAreEncodedOneByOne) {
  Fleet fleet = test::made_fleet(1, 1, 1);
  ModelTimes& times = fleet.classes.front().times;
  times.tiles = 4;
  times.load.encode_once_ms = 3000;  // two of them are equal
  const NodeCosts costs = node_costs(fleet.classes.front());
  EXPECT_EQ(costs.encodes, 3U);
  EXPECT_EQ(costs.encode_ms, 1000);
  EXPECT_EQ(costs.alike, 1U);  // most of them
  const StoredEntry embedding = costs.embedding(7);
  EXPECT_EQ(embedding.cost_ms, 3000);
  EXPECT_EQ(embedding.charged, 3 * (100'000 + record_header_bytes + Level::entry_overhead_bytes + 448));
  EXPECT_GT(embedding.bytes, 3 * 100'000U);
  EXPECT_LT(embedding.bytes, embedding.charged);
}

// As a picture that is one tile and the overview of it.
TEST(NodeCosts, TilesThatAreAlikeAreUsedTogether) {
  Fleet fleet = test::made_fleet(1, 1, 1);
  fleet.classes.front().times.tiles = 2;
  const NodeCosts costs = node_costs(fleet.classes.front());
  EXPECT_EQ(costs.encodes, 1U);
  EXPECT_EQ(costs.alike, 2U);
  fleet.classes.front().times.tiles = 1 << 24;
  EXPECT_EQ(node_costs(fleet.classes.front()).alike, 64U);
}

TEST(NodeCosts, NumbersBeyondAllMeasureAreBounded) {
  Fleet fleet = test::made_fleet(1, 1, 1);
  ModelTimes& times = fleet.classes.front().times;
  times.load.generate_ms = 1e9;
  times.batches = {{1, 1e-6}};
  times.tile_bytes = std::uint64_t{1} << 35;
  times.width = 1;
  const NodeCosts costs = node_costs(fleet.classes.front());
  EXPECT_EQ(costs.answer_tokens, std::numeric_limits<std::uint32_t>::max());
  EXPECT_EQ(costs.device.tile_tokens, std::numeric_limits<std::uint32_t>::max());
}

TEST(NodeCosts, APrefixSavesThePromptUpToThePicture) {
  Fleet fleet = test::made_fleet(1, 1, 1);
  fleet.classes.front().times = test::made_model_with_states();
  const NodeCosts costs = node_costs(fleet.classes.front());
  EXPECT_TRUE(costs.has_states);
  EXPECT_EQ(costs.prefix(1).cost_ms, 30);
  EXPECT_GE(costs.prefix(1).bytes, 1'000'000U);
  EXPECT_EQ(costs.response(1, 2).cost_ms, 20 + 3 + 5 + 1000 + 40 + 50);
  EXPECT_EQ(costs.tiling(1).cost_ms, 5);
}

TEST(NodeCosts, KeysDifferByKindPictureQuestionAndKernels) {
  Fleet fleet = test::made_fleet(1, 1, 1);
  const NodeCosts costs = node_costs(fleet.classes.front());
  fleet.classes.front().kernels = 1;
  const NodeCosts others = node_costs(fleet.classes.front());
  std::set<std::uint64_t> keys;
  for (const NodeCosts* of : {&costs, &others}) {
    for (const std::uint64_t picture : {1, 2}) {
      keys.insert({of->embedding(picture).key, of->tiling(picture).key, of->prefix(picture).key,
                   of->response(picture, 1).key, of->response(picture, 2).key});
    }
  }
  EXPECT_EQ(keys.size(), 20U);
  EXPECT_EQ(costs.alias(1).key, others.alias(1).key) << "what bytes are does not depend on kernels";
  EXPECT_NE(costs.alias(1).key, costs.alias(2).key);
  EXPECT_EQ(costs.alias(1).cost_ms, 3);
  EXPECT_EQ(costs.alias(1).charged, record_header_bytes + 40 + Level::entry_overhead_bytes + 256);
  EXPECT_EQ(costs.response(1, 2).key, costs.response(1, 2).key);
}

}  // namespace
}  // namespace fovea
