// Exchanges over one connection and over several, with real servers. How they fail is in
// lying_server_test.cc.
#include "tier/valkey/wire/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <format>
#include <string>

#include "tier/valkey/lying_server.h"
#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

std::unique_ptr<Connection> connect_to(std::uint16_t port, const std::string& password = "") {
  const Endpoint endpoint{"127.0.0.1", port};
  auto addresses = NameLookup(endpoint).addresses(Until::of({}, 0ms)).value();
  return std::make_unique<Connection>(Dial{.endpoint = endpoint, .password = password, .value_bytes_max = 1 << 20},
                                      std::move(addresses));
}

void exchange_over(Connection& connection, const std::vector<const Command*>& commands,
                   std::chrono::milliseconds within = 10s) {
  connection.begin(commands);
  Connection* one = &connection;
  drive(std::span(&one, 1), Until::of({}, within));
}

TEST(ConnectionTest, ExchangesManyCommandsAtOnceAndAgain) {
  const test::ValkeyServer server;
  const auto connection = connect_to(server.port());
  const std::string large(200'000, 'x');
  std::vector<Command> commands;
  for (int i = 0; i < 500; ++i) {
    const std::string key = std::to_string(i), value = i % 50 == 0 ? large : key;
    commands.push_back(command_of(Expect::status, key, {"SET", key, value}));
    commands.push_back(command_of(Expect::value, key, {"GET", key}));
  }
  std::vector<const Command*> asked;
  for (const Command& command : commands) asked.push_back(&command);
  for (int round = 0; round < 3; ++round) {
    exchange_over(*connection, asked);
    ASSERT_FALSE(connection->failure()) << connection->failure()->message;
    const auto replies = connection->take_replies();
    ASSERT_EQ(replies.size(), 1000U);
    for (std::size_t i = 0; i < 500; ++i) {
      EXPECT_EQ(replies[2 * i].text(), "OK");
      EXPECT_TRUE(replies[2 * i + 1].text() == (i % 50 == 0 ? large : std::to_string(i)));
    }
    EXPECT_TRUE(connection->is_idle());
    EXPECT_FALSE(connection->is_stale());
  }
}

TEST(ConnectionTest, TakesAnErrorAsAReply) {
  const test::ValkeyServer server;
  const auto connection = connect_to(server.port());
  const Command wrong = command_of(Expect::value, "", {"NOSUCH"}), right = command_of(Expect::status, "", {"PING"});
  exchange_over(*connection, {&wrong, &right});
  ASSERT_FALSE(connection->failure()) << connection->failure()->message;
  const auto replies = connection->take_replies();
  EXPECT_EQ(replies[0].kind, Reply::Kind::error);
  EXPECT_EQ(replies[1].text(), "PONG");
}

TEST(ConnectionTest, LogsInOnceInFrontOfItsFirstCommands) {
  const test::ValkeyServer server({"--requirepass", "open sesame"});
  const Command ping = command_of(Expect::status, "", {"PING"});
  const auto connection = connect_to(server.port(), "open sesame");
  for (int i = 0; i < 2; ++i) {
    exchange_over(*connection, {&ping});
    ASSERT_FALSE(connection->failure()) << connection->failure()->message;
    const auto replies = connection->take_replies();
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies[0].text(), "PONG");
  }
  const auto wrong = connect_to(server.port(), "open barley");
  exchange_over(*wrong, {&ping});
  ASSERT_TRUE(wrong->failure());
  EXPECT_THAT(wrong->failure()->message, HasSubstr("refuses the user or the password"));
  EXPECT_FALSE(wrong->is_idle());
}

TEST(ConnectionTest, SeveralTakeAsLongAsTheSlowest) {
  const test::ValkeyServer fast;
  test::ValkeyServer hung;
  hung.stop();
  const auto first = connect_to(fast.port()), second = connect_to(hung.port());
  const Command ping = command_of(Expect::status, "", {"PING"});
  first->begin({&ping});
  second->begin({&ping});
  const std::array both = {second.get(), first.get()};
  drive(both, Until::of({}, 50ms));
  EXPECT_FALSE(first->failure());
  EXPECT_EQ(first->take_replies().front().text(), "PONG");
  ASSERT_TRUE(second->failure());
  EXPECT_EQ(second->failure()->fault, Fault::timed_out);
}

TEST(ConnectionTest, TriesTheNextAddressOfAName) {
  const test::ValkeyServer server;
  const auto address_of = [](std::uint16_t port) {
    return NameLookup({"127.0.0.1", port}).addresses(Until::of({}, 0ms)).value().front();
  };
  Connection connection({.endpoint = {"server", 1}, .value_bytes_max = 100},
                        {address_of(test::free_port()), address_of(test::free_port()), address_of(server.port())});
  const Command ping = command_of(Expect::status, "", {"PING"});
  exchange_over(connection, {&ping});
  EXPECT_FALSE(connection.failure());
}

TEST(ConnectionTest, KnowsThatItsServerHasGone) {
  test::ValkeyServer server;
  const auto connection = connect_to(server.port());
  const Command ping = command_of(Expect::status, "", {"PING"});
  exchange_over(*connection, {&ping});
  connection->take_replies();
  server.kill();
  EXPECT_TRUE(test::eventually([&] { return connection->is_stale(); }));
}

}  // namespace
}  // namespace fovea::valkey
