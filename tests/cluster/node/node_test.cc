#include "cluster/node/node.h"

#include <gtest/gtest.h>

#include <memory>
#include <unordered_set>
#include <vector>

#include "cluster/made_fleet.h"
#include "cluster/manual_world.h"

namespace fovea {
namespace {

// One node, or two, with a link of 1,000 bytes/ms and 1 ms, and a shard with 10,000 and 1 ms. What the parts
// of a request take says made_fleet.h.
class NodeTest : public testing::Test {
 protected:
  void make(const ModelTimes& times = test::made_model(), std::uint32_t count = 1) {
    of.times = times;
    costs = node_costs(of);
    shared.shards.emplace_back(2, std::uint64_t{1} << 30);
    for (std::uint32_t number = 0; number < count; ++number)
      nodes.push_back(std::make_unique<Node>(number, of, costs,
                                             NodeSurroundings{world, network, with_shared ? &shared : nullptr, levels,
                                                              Fetching::measured, false, encoded}));
  }
  std::shared_ptr<Node::Attempt> begin(std::uint64_t picture, std::uint32_t question, std::uint32_t node = 0) {
    return nodes[node]->begin({.number = ++requests, .picture = picture, .question = question});
  }
  // The way of one request alone, and how long it took.
  Way ask(std::uint64_t picture, std::uint32_t question, std::uint32_t node = 0) {
    const double before_ms = world.now_ms();
    const auto attempt = begin(picture, question, node);
    while (!attempt->done.is_open()) world.run(world.now_ms() + 0.25);
    took_ms = world.now_ms() - before_ms;
    world.run();
    return attempt->served->way;
  }

  std::vector<FleetLink> links = {{1000, 1}, {1000, 1}, {10'000, 1}};
  test::ManualWorld world{links};
  Network network{world, world, links};
  SharedFleet shared{.shards = {}, .wait_ms = 0.5};
  bool with_shared = false;
  LevelsOn levels = {.embedding = true, .prefix = true, .response = true};
  NodeClass of = test::made_fleet(1, 1, 1).classes.front();
  NodeCosts costs;
  std::unordered_set<std::uint64_t> encoded;
  std::vector<std::unique_ptr<Node>> nodes;
  std::uint64_t requests = 0;
  double took_ms = 0;
};

TEST_F(NodeTest, AFirstLookARepeatAndAnotherQuestion) {
  make();
  EXPECT_EQ(ask(1, 1), Way::encoded);
  EXPECT_NEAR(took_ms, 20 + 3 + 5 + 2 + 1000 + 40 + 50, 0.3);
  EXPECT_EQ(ask(1, 1), Way::response);
  EXPECT_NEAR(took_ms, 1, 0.3);
  EXPECT_EQ(ask(1, 2), Way::embedding_memory);
  EXPECT_NEAR(took_ms, 10 + 40 + 50, 0.3);
  const Node::Counts counts = nodes[0]->counts();
  EXPECT_EQ(counts.requests, 3U);
  EXPECT_EQ(counts.encodes, 1U);
  EXPECT_EQ(counts.from_memory, 2U);
  EXPECT_NEAR(counts.encoding_ms, 1002, 1e-6);
  EXPECT_NEAR(counts.decoding_ms, 180, 1e-6);
}

TEST_F(NodeTest, APrefixTakesThePlaceOfThePrompt) {
  make(test::made_model_with_states());
  EXPECT_EQ(ask(1, 1), Way::encoded);
  EXPECT_NEAR(took_ms, 20 + 3 + 5 + 2 + 1000 + 40 + 50 + 4, 0.3);
  EXPECT_EQ(ask(1, 2), Way::prefix);
  EXPECT_NEAR(took_ms, 10 + 2 + 10 + 50, 0.3);
  LevelOutcomes prefix, embedding;
  nodes[0]->add_counts(RecordKind::prefix, prefix);
  nodes[0]->add_counts(RecordKind::embedding, embedding);
  EXPECT_EQ(prefix.memory.lookups, 2U);
  EXPECT_EQ(prefix.memory.hits, 1U);
  EXPECT_EQ(embedding.memory.lookups, 1U);  // a prefix needs none
}

TEST_F(NodeTest, LevelsThatAreOffFindNothing) {
  levels = {};
  make(test::made_model_with_states());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask(1, 1), Way::encoded);
    EXPECT_NEAR(took_ms, 10 + 3 + 5 + 1000 + 40 + 50, 10.3);
  }
  EXPECT_EQ(nodes[0]->counts().encodes, 2U);
  EXPECT_EQ(nodes[0]->counts().repeated_encodes, 1U);
}

TEST_F(NodeTest, EqualRequestsAndPicturesAreComputedOnce) {
  make();
  const auto first = begin(1, 1), same = begin(1, 1), other = begin(1, 2);
  world.run();
  EXPECT_EQ(first->served->way, Way::encoded);
  EXPECT_EQ(same->served->way, Way::joined);
  EXPECT_EQ(other->served->way, Way::embedding_joined);
  EXPECT_EQ(nodes[0]->counts().encodes, 1U);
  EXPECT_EQ(nodes[0]->counts().joined, 1U);
}

TEST_F(NodeTest, WhoWaitedForAPictureHasItThoughMemoryHasNoRoom) {
  levels = {.embedding = true};
  of.memory_bytes = 50'000;
  make();
  std::vector<std::shared_ptr<Node::Attempt>> attempts;
  for (std::uint32_t question = 0; question < 8; ++question) attempts.push_back(begin(1, question));
  world.run();
  EXPECT_EQ(nodes[0]->counts().encodes, 1U);
  for (const auto& attempt : attempts) EXPECT_TRUE(attempt->served);
  begin(1, 9);
  world.run();
  EXPECT_EQ(nodes[0]->counts().encodes, 2U);
}

// The second request asks the shard for what is not in memory, which takes 4.5 ms, when the first one ends.
TEST_F(NodeTest, WhatEndsWhileTheTiersAreAskedIsFoundInMemory) {
  with_shared = true;
  make();
  const auto first = begin(1, 1);
  while (!first->done.is_open()) world.run(world.now_ms() + 0.25);
  const double answered_ms = world.now_ms();
  world.run();
  for (const double before_ms : {2.0, 4.0}) {
    const std::uint64_t picture = before_ms < 3 ? 2 : 3;
    const double begun_ms = world.now_ms();
    const auto other = begin(picture, 1);
    world.run(begun_ms + answered_ms - before_ms);
    const auto second = begin(picture, 1);
    world.run();
    EXPECT_TRUE(other->served);
    EXPECT_EQ(second->served->way, Way::response);
  }
  EXPECT_EQ(nodes[0]->counts().encodes, 3U);
}

TEST_F(NodeTest, WhatOneNodeComputedAnotherFetches) {
  with_shared = true;
  make(test::made_model(), 2);
  EXPECT_EQ(ask(1, 1, 0), Way::encoded);
  EXPECT_EQ(ask(1, 2, 1), Way::embedding_shared);
  // A look-up of 4.5 ms for the answer; twice as long for what the bytes are, the tiling and the embedding,
  // and its bytes.
  EXPECT_NEAR(took_ms, 7 * 4.5 + 100'224.0 / 1000 + 10 + 40 + 50, 2);
  EXPECT_EQ(ask(1, 1, 1), Way::response);
  EXPECT_EQ(nodes[1]->counts().encodes, 0U);
}

TEST_F(NodeTest, AColdPictureIsEncodedOnceInTheFleet) {
  with_shared = true;
  make(test::made_model(), 2);
  const auto first = begin(1, 1, 0);
  const auto second = begin(1, 2, 1);
  world.run();
  EXPECT_EQ(first->served->way, Way::encoded);
  EXPECT_EQ(second->served->way, Way::embedding_joined);
  EXPECT_EQ(nodes[0]->counts().encodes + nodes[1]->counts().encodes, 1U);
  EXPECT_EQ(nodes[0]->counts().leases_waited + nodes[1]->counts().leases_waited, 1U);
}

// The first request about a picture decodes it, and so does one that knows which it is and needs pixels.
TEST_F(NodeTest, WhatBytesAreIsKnownFromTheFirstLookOn) {
  levels = {.response = true};
  make();
  EXPECT_EQ(ask(1, 1), Way::encoded);
  EXPECT_NEAR(took_ms, 3 + 20 + 5 + 1000 + 40 + 50, 0.3);
  EXPECT_EQ(ask(1, 2), Way::encoded);
  EXPECT_NEAR(took_ms, 3 + 20 + 5 + 1000 + 40 + 50, 0.3);
  EXPECT_EQ(ask(1, 2), Way::response);
  EXPECT_NEAR(took_ms, 1, 0.3) << "no pixels are needed for an answer that is stored";
}

TEST_F(NodeTest, AnotherNodeAsksWhatBytesAreBeforeItDecodesThem) {
  with_shared = true;
  of.times = test::made_model();
  of.times.load.open_ms = 30;  // worth asking
  make(of.times, 2);
  ask(1, 1, 0);
  EXPECT_EQ(ask(1, 1, 1), Way::response);
  EXPECT_NEAR(took_ms, 4 * 4.5 + 1, 1) << "two look-ups of two round trips each, and nothing is decoded";
}

// A state that is worth a look-up over these links.
ModelTimes with_small_states() {
  ModelTimes times = test::made_model_with_states();
  times.state->bytes = 5000;
  times.load.prefill_ms = 340;
  return times;
}

// A prefix of the tier that memory has no room for is put there again behind each answer.
TEST_F(NodeTest, APrefixThatMemoryDoesNotTakeIsStoredAgain) {
  with_shared = true;
  of.memory_bytes = 3000;  // an answer, and nothing else
  make(with_small_states());
  EXPECT_EQ(ask(1, 1), Way::encoded);
  const std::uint64_t before = shared.traffic.written;
  EXPECT_EQ(ask(1, 2), Way::prefix);
  EXPECT_EQ(shared.traffic.written - before, 2U) << "the answer and the prefix";
  LevelOutcomes prefix;
  nodes[0]->add_counts(RecordKind::prefix, prefix);
  EXPECT_EQ(prefix.memory.hits, 0U);
  EXPECT_EQ(prefix.shared.hits, 1U);
}

// Behind a prefix a server reads the tiling, for what the embeddings once took.
TEST_F(NodeTest, BehindAPrefixTheTilingIsRead) {
  with_shared = true;
  make(with_small_states(), 2);
  ask(1, 1, 0);
  EXPECT_EQ(ask(1, 2, 1), Way::prefix);
  EXPECT_EQ(ask(1, 3, 1), Way::prefix);
  LevelOutcomes tiling;
  nodes[1]->add_counts(RecordKind::tiling, tiling);
  EXPECT_EQ(tiling.memory.lookups, 2U);
  EXPECT_EQ(tiling.shared.hits, 1U);
  EXPECT_EQ(tiling.memory.hits, 1U);
}

// A picture that has its only tile twice. What policies are told decides what they keep.
TEST_F(NodeTest, PoliciesAreToldOfEveryUse) {
  ModelTimes times = test::made_model();
  times.tiles = 2;
  make(times);
  const auto embedding_uses = [&](std::uint64_t picture) {
    return nodes[0]->store()->uses_of(costs.embedding(picture));
  };
  ask(1, 1);
  EXPECT_EQ(embedding_uses(1), 1U) << "the second tile finds what the first one left";
  ask(1, 2);
  EXPECT_EQ(embedding_uses(1), 3U);
  begin(2, 1);
  begin(2, 1);
  begin(2, 2);
  world.run();
  EXPECT_EQ(embedding_uses(2), 1U + 2U) << "who waits for a picture uses it";
  EXPECT_EQ(nodes[0]->store()->uses_of(costs.response(2, 1)), 1U) << "and who waits for an answer";
  EXPECT_EQ(nodes[0]->store()->uses_of(costs.response(2, 2)), 0U);
  EXPECT_EQ(nodes[0]->store()->uses_of(costs.response(7, 7)), 0U);
}

TEST_F(NodeTest, NoMoreRequestsAreComputedThanItTakes) {
  of.requests_max = 2;
  make();
  ask(9, 1);
  const auto first = begin(1, 1), same = begin(1, 1), third = begin(2, 1), stored = begin(9, 1);
  world.run();
  EXPECT_TRUE(first->served);
  EXPECT_TRUE(same->served) << "it waits for the first, and counts";
  EXPECT_TRUE(third->busy);
  EXPECT_FALSE(third->served);
  EXPECT_TRUE(stored->served) << "what is stored is given out all the same";
  EXPECT_FALSE(stored->busy);
  EXPECT_EQ(nodes[0]->counts().encodes, 2U);
  EXPECT_EQ(ask(2, 1), Way::encoded) << "there is room again";
}

TEST_F(NodeTest, ANodeThatDiesLosesItsMemoryAndWhatItHadBegun) {
  make();
  ask(1, 1);
  const auto lost = begin(2, 1);
  world.run(world.now_ms() + 100);
  const double encoding_ms = nodes[0]->counts().encoding_ms;
  nodes[0]->die();
  EXPECT_FALSE(nodes[0]->is_up());
  world.run();
  EXPECT_EQ(nodes[0]->counts().encoding_ms, encoding_ms) << "what it had begun is not its work any more";
  EXPECT_TRUE(lost->done.is_open());
  EXPECT_FALSE(lost->served);
  nodes[0]->come_back();
  EXPECT_EQ(ask(1, 1), Way::encoded);
  EXPECT_EQ(nodes[0]->counts().encodes, 2U);  // the one that was broken off is none
  EXPECT_EQ(nodes[0]->counts().repeated_encodes, 1U);
}

TEST_F(NodeTest, ItKeepsItsDisk) {
  of.disk_bytes = std::uint64_t{1} << 30;
  of.disk = {.kind = "disk", .wait_ms = 1, .bytes_per_ms = 100'000, .write_bytes_per_ms = 100'000};
  make();
  ask(1, 1);
  nodes[0]->die();
  nodes[0]->come_back();
  EXPECT_EQ(ask(1, 2), Way::embedding_disk);
  EXPECT_EQ(ask(1, 1), Way::response);
  LevelOutcomes response;
  nodes[0]->add_counts(RecordKind::response, response);
  EXPECT_EQ(response.disk.hits, 1U);
}

TEST_F(NodeTest, WhatItsSenderGivesUpHasNoAnswer) {
  make();
  const auto attempt = begin(1, 1);
  nodes[0]->give_up();
  EXPECT_TRUE(attempt->silent);
  world.run();
  EXPECT_FALSE(attempt->served);
  EXPECT_EQ(ask(1, 1), Way::response);  // it was computed all the same
}

TEST_F(NodeTest, SlotsBoundWhatIsDecodedSideBySide) {
  of.parallel = 1;
  make();
  ask(1, 1);
  const double before_ms = world.now_ms();
  const auto a = begin(1, 2), b = begin(1, 3);
  world.run();
  EXPECT_TRUE(a->served && b->served);
  EXPECT_NEAR(world.now_ms() - before_ms, 10 + 2 * (40 + 50), 0.3);
}

}  // namespace
}  // namespace fovea
