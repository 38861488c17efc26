// A node's loans and what its breaker makes of their ends. Servers that hang are in valkey_server_test.cc.
#include "tier/valkey/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using namespace std::chrono_literals;

Until within(std::chrono::milliseconds time) { return Until::of({}, time); }

class NodeTest : public testing::Test {
 protected:
  static Dial dial_of(std::uint16_t port) { return {.endpoint = {"127.0.0.1", port}, .value_bytes_max = 1000}; }
  // Whether a PING over the loan came back in time.
  static bool ping(Node::Loan& loan, std::chrono::milliseconds time = 10s) {
    static const Command command = command_of(Expect::status, "", {"PING"});
    Connection* connection = &loan.connection();
    connection->begin({&command});
    drive(std::span(&connection, 1), within(time));
    return !connection->failure() && connection->take_replies().front().text() == "PONG";
  }
};

TEST_F(NodeTest, LendsTheSameConnectionAgain) {
  const test::ValkeyServer server;
  Node node(dial_of(server.port()));
  const Connection* first;
  {
    auto loan = node.acquire(within(1s)).value();
    first = &loan.connection();
    EXPECT_TRUE(ping(loan));
  }
  auto loan = node.acquire(within(1s)).value();
  EXPECT_EQ(&loan.connection(), first);
  EXPECT_TRUE(ping(loan));
}

TEST_F(NodeTest, LendsFourAndLetsTheFifthWait) {
  const test::ValkeyServer server;
  Node node(dial_of(server.port()));
  std::vector<Node::Loan> loans;
  for (std::size_t i = 0; i < Node::connections_max; ++i) loans.push_back(node.acquire(within(1s)).value());
  EXPECT_EQ(node.acquire(within(20ms)).error().fault, Fault::timed_out);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(node.acquire({stop.get_token(), Until::Time::max()}).error().fault, Fault::cancelled);
  std::jthread waiting([&] { EXPECT_TRUE(node.acquire(within(10s))); });
  loans.pop_back();
}

TEST_F(NodeTest, DropsConnectionsThatFailed) {
  test::ValkeyServer server;
  Node node(dial_of(server.port()));
  server.stop();
  {
    auto loan = node.acquire(within(1s)).value();
    EXPECT_FALSE(ping(loan, 50ms));
  }
  server.resume();
  auto loan = node.acquire(within(1s)).value();
  EXPECT_FALSE(loan.connection().was_connected()) << "a new one";
  EXPECT_TRUE(ping(loan));
}

TEST_F(NodeTest, DoesNotBlameAServerForItsCallersHaste) {
  test::ValkeyServer server;
  Node node(dial_of(server.port()));
  server.stop();
  for (int i = 0; i < 5; ++i) {
    auto loan = node.acquire(within(1s));
    ASSERT_TRUE(loan) << loan.error().message;
    EXPECT_FALSE(ping(*loan, 1ms));
  }
  server.resume();
}

TEST_F(NodeTest, IsLeftAloneAfterTwoRefusals) {
  Node node(dial_of(test::free_port()));
  for (int i = 0; i < 2; ++i) {
    auto loan = node.acquire(within(1s));
    ASSERT_TRUE(loan);
    EXPECT_FALSE(ping(*loan));
  }
  const auto refused = node.acquire(within(1s));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::unavailable);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("left alone for now"));
  EXPECT_TRUE(test::eventually([&] { return node.acquire(within(1s)).has_value(); })) << "a probe";
}

}  // namespace
}  // namespace fovea::valkey
