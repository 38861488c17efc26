#include "cluster/balancer/balancer.h"

#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cluster/made_fleet.h"
#include "cluster/manual_world.h"

namespace fovea {
namespace {

// Four nodes. A request is 1,000 bytes, an answer 100, a node's link 1,000 bytes/ms and 1 ms.
class BalancerTest : public testing::Test {
 protected:
  static constexpr std::uint32_t count = 4;

  explicit BalancerTest(Routing routing = Routing::hash, NodeClass node = test::made_fleet(1, 1, 1).classes.front())
      : of(std::move(node)),
        balancer((make(), world), network, nodes,
                 {.routing = routing,
                  .weights = std::vector<std::uint32_t>(count, 256),
                  .request_bytes = 1000,
                  .answer_bytes = 100}) {}

  void make() {
    for (std::uint32_t number = 0; number < count; ++number)
      nodes.emplace_back(
          number, of, costs,
          NodeSurroundings{world, network, nullptr, {true, true, true}, Fetching::measured, false, encoded});
  }
  Task<void> send_it(FleetRequest request, FleetAnswer& answer) { answer = co_await balancer.answer(request); }
  void send(std::uint64_t picture, std::uint32_t question, FleetAnswer& answer) {
    spawn(send_it({.number = ++requests, .picture = picture, .question = question}, answer));
  }
  FleetAnswer ask(std::uint64_t picture, std::uint32_t question = 1) {
    FleetAnswer answer;
    send(picture, question, answer);
    world.run();
    return answer;
  }
  void die(std::uint32_t node) {
    nodes[node].die();
    network.break_off(node);
    balancer.died(node);
  }

  std::vector<FleetLink> links = std::vector<FleetLink>(count, {1000, 1});
  test::ManualWorld world{links};
  Network network{world, world, links};
  NodeClass of;
  NodeCosts costs = node_costs(of);
  std::unordered_set<std::uint64_t> encoded;
  std::deque<Node> nodes;
  Balancer balancer;
  std::uint64_t requests = 0;
};

class RoundRobin : public BalancerTest {
 protected:
  RoundRobin() : BalancerTest(Routing::round_robin) {}
};
class BoundedHash : public BalancerTest {
 protected:
  BoundedHash() : BalancerTest(Routing::bounded_hash) {}
};

TEST_F(BalancerTest, ARequestGoesOverTheLinkAndBack) {
  const FleetAnswer first = ask(1), again = ask(1);
  EXPECT_FALSE(first.failure);
  EXPECT_EQ(first.served.way, Way::encoded);
  EXPECT_NEAR(again.ms, 1 + 1 + 1 + 1 + 0.1, 1e-6);
  EXPECT_EQ(again.node, first.node);
  EXPECT_EQ(balancer.bytes_in(), 2000);
  EXPECT_EQ(balancer.bytes_out(), 200);
}

TEST_F(BalancerTest, HashingGivesEachPictureItsNode) {
  std::set<std::uint32_t> used;
  for (std::uint64_t picture = 0; picture < 40; ++picture) used.insert(ask(picture).node);
  EXPECT_EQ(used.size(), count);
}

TEST_F(RoundRobin, NodesComeInTurn) {
  std::vector<std::uint32_t> used;
  for (int i = 0; i < 8; ++i) used.push_back(ask(1).node);
  EXPECT_EQ(used, (std::vector<std::uint32_t>{0, 1, 2, 3, 0, 1, 2, 3}));
}

TEST_F(BoundedHash, NoNodeHasMuchMoreThanTheMean) {
  std::vector<FleetAnswer> answers(16);
  for (std::uint32_t i = 0; i < answers.size(); ++i) send(1, i, answers[i]);  // all of one picture's node
  world.run();
  std::vector<int> of_node(count);
  for (const FleetAnswer& answer : answers) ++of_node[answer.node];
  for (const int requests_of : of_node) EXPECT_LE(requests_of, 6);  // 1.5 times 4
}

TEST_F(BoundedHash, ARequestAloneGoesToItsPicturesNode) {
  const std::uint32_t node = ask(1, 1).node;
  for (std::uint32_t question = 2; question < 6; ++question) EXPECT_EQ(ask(1, question).node, node);
}

TEST_F(BalancerTest, WhatANodeHadWhenItDiedIsSentToAnotherOnce) {
  FleetAnswer answer;
  send(1, 1, answer);
  world.run(500);
  const std::uint32_t node = *balancer.choose({.picture = 1}, {});
  die(node);
  world.run();
  EXPECT_FALSE(answer.failure);
  EXPECT_EQ(answer.resent, 1U);
  EXPECT_NE(answer.node, node);
}

TEST_F(BalancerTest, ADeadNodeIsLeftOutAfterTwoChecks) {
  const std::uint32_t node = *balancer.choose({.picture = 1}, {});
  die(node);
  EXPECT_EQ(balancer.choose({.picture = 1}, {}), node);  // nobody has noticed
  const FleetAnswer refused = ask(1);
  EXPECT_FALSE(refused.failure);
  EXPECT_EQ(refused.resent, 1U);
  EXPECT_NE(balancer.choose({.picture = 1}, {}), node);
  EXPECT_EQ(ask(1).resent, 0U);
  nodes[node].come_back();
  balancer.came_back(node);
  EXPECT_NE(balancer.choose({.picture = 1}, {}), node);
  world.run();
  EXPECT_EQ(balancer.choose({.picture = 1}, {}), node);
}

TEST_F(BalancerTest, ARequestThatMeetsTwoDeadNodesFails) {
  for (std::uint32_t node = 0; node < count; ++node) {
    nodes[node].die();
    network.break_off(node);
  }
  const FleetAnswer answer = ask(1);
  EXPECT_EQ(answer.failure, FleetFailure::no_node);
  EXPECT_EQ(answer.resent, 1U);
  for (std::uint32_t node = 0; node < count; ++node) balancer.died(node);
  world.run();
  EXPECT_EQ(ask(1).failure, FleetFailure::no_node);
  EXPECT_FALSE(balancer.choose({.picture = 1}, {}));
}

TEST_F(BalancerTest, ANodeBehindACutLinkCountsAsDownAfterAWhile) {
  const std::uint32_t node = *balancer.choose({.picture = 1}, {});
  network.cut(node);
  balancer.link_cut(node);
  FleetAnswer answer;
  send(1, 1, answer);
  world.run(10'000);
  EXPECT_FALSE(answer.failure);
  EXPECT_EQ(answer.resent, 1U);
  EXPECT_GT(answer.ms, 2000);  // a connection that nobody answers
  EXPECT_EQ(balancer.choose({.picture = 1}, {}), node);
  world.run(12'500);
  EXPECT_NE(balancer.choose({.picture = 1}, {}), node);
  network.restore(node);
  balancer.link_restored(node);
  world.run();
  EXPECT_EQ(balancer.choose({.picture = 1}, {}), node);
}

// One picture's node computes a request, which is all that it takes.
class BusyNodes : public BalancerTest {
 protected:
  static NodeClass made() {
    NodeClass of = test::made_fleet(1, 1, 1).classes.front();
    of.requests_max = 1;
    return of;
  }
  BusyNodes() : BalancerTest(Routing::hash, made()) {}
};

TEST_F(BusyNodes, WhatABusyNodeRefusesIsSentToAnotherOnce) {
  std::vector<FleetAnswer> answers(3);
  for (std::uint32_t i = 0; i < answers.size(); ++i) send(1, i, answers[i]);
  world.run();
  EXPECT_FALSE(answers[0].failure);
  EXPECT_EQ(answers[0].resent, 0U);
  EXPECT_FALSE(answers[1].failure);
  EXPECT_EQ(answers[1].resent, 1U);
  EXPECT_NE(answers[1].node, answers[0].node);
  EXPECT_EQ(answers[2].failure, FleetFailure::busy) << "both nodes that it may ask are busy";
  EXPECT_EQ(answers[2].resent, 1U);
  // A request of 1,000 bytes there, its picture decoded, and a refusal back, twice.
  EXPECT_NEAR(answers[2].ms, 2 * (1 + 1 + 3 + 1), 1e-6);
}

TEST_F(BusyNodes, ARefusalComesOverTheLink) {
  FleetAnswer first, second;
  send(1, 1, first);
  send(1, 2, second);
  world.run(4.5);  // the node decodes the second one's picture, and refuses it then
  const std::uint32_t node = *balancer.choose({.picture = 1}, {});
  network.cut(node);
  world.run(3000);
  EXPECT_EQ(second.ms, 0) << "nobody knows that the node is busy";
  network.restore(node);
  world.run();
  EXPECT_FALSE(second.failure);
  EXPECT_NE(second.node, node);
  EXPECT_EQ(second.resent, 1U);
}

TEST_F(BalancerTest, ASessionsRequestsMeetOneNodeWhereClientsNameIt) {
  BalancerOptions options{
      .routing = Routing::hash, .named_by = NamedBy::session, .weights = std::vector<std::uint32_t>(count, 256)};
  Balancer by_session(world, network, nodes, options);
  const auto node_of = [&](Balancer& asked, std::uint64_t picture, std::uint32_t session) {
    return *asked.choose({.picture = picture, .session = session}, {});
  };
  std::set<std::uint32_t> of_session, of_pictures, of_none;
  for (std::uint64_t picture = 0; picture < 40; ++picture) {
    of_session.insert(node_of(by_session, picture, 5));
    of_pictures.insert(node_of(balancer, picture, 5));
    of_none.insert(node_of(by_session, picture, 0));
  }
  EXPECT_EQ(of_session.size(), 1U);
  EXPECT_EQ(of_pictures.size(), count);
  EXPECT_EQ(of_none.size(), count) << "a request without a session is named by its picture";
  EXPECT_EQ(*of_session.begin(), node_of(balancer, 5, 0)) << "a name is hashed as a name";
}

TEST_F(BalancerTest, WhatASilentNodeHasFailsInTheEnd) {
  FleetAnswer answer;
  send(1, 1, answer);
  world.run(500);
  const std::uint32_t node = *balancer.choose({.picture = 1}, {});
  network.cut(node);
  balancer.link_cut(node);
  world.run(600'000);
  EXPECT_EQ(answer.ms, 0);  // it waits
  world.run();
  EXPECT_NEAR(answer.ms, 615'500, 10);
  EXPECT_TRUE(answer.failure == FleetFailure::node_silent || answer.failure == FleetFailure::broken_off);
}

}  // namespace
}  // namespace fovea
