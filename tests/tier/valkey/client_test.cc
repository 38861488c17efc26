// A client's rounds against servers that redirect as a script says. Real clusters are in
// valkey_cluster_test.cc.
#include "tier/valkey/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <format>
#include <mutex>

#include "tier/valkey/lying_server.h"
#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using test::LyingServer;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

using Words = std::vector<std::string>;

Until within(std::chrono::milliseconds time) { return Until::of({}, time); }
Endpoint endpoint_of(const LyingServer& server) { return {"127.0.0.1", server.port()}; }
Command get(std::string_view key) { return command_of(Expect::value, key, {"GET", key}); }

std::string bulk(std::string_view text) { return std::format("${}\r\n{}\r\n", text.size(), text); }
std::string moved(std::string_view key, std::uint16_t port, std::string_view word = "MOVED") {
  return std::format("-{} {} 127.0.0.1:{}\r\n", word, slot_of(key), port);
}

class ClientTest : public testing::Test {
 protected:
  static std::unique_ptr<Client> client_of(std::vector<Endpoint> seeds) {
    return std::make_unique<Client>(std::move(seeds), Dial{.value_bytes_max = 1 << 20});
  }
  static std::string text_of(const Result<Reply>& reply) {
    return reply ? std::string(reply->text()) : "failed: " + reply.error().message;
  }
  static std::string ask(Client& client, std::string_view key) {
    const Command command = get(key);
    return text_of(client.run(std::span(&command, 1), within(5s)).front());
  }
};

TEST_F(ClientTest, FollowsMovedAndRemembersIt) {
  std::atomic<int> asked_old = 0;
  const LyingServer target(LyingServer::replying([](const Words& words) {
    return words[0] == "CLUSTER" ? std::string("-ERR not now\r\n") : bulk("from the new");
  }));
  const LyingServer old(LyingServer::replying([&](const Words& words) {
    if (words[0] == "CLUSTER") return std::string("-ERR not now\r\n");
    ++asked_old;
    return moved(words[1], target.port());
  }));
  const auto client = client_of({endpoint_of(old)});
  EXPECT_EQ(ask(*client, "key"), "from the new");
  EXPECT_EQ(ask(*client, "key"), "from the new");
  EXPECT_EQ(asked_old, 1);
  EXPECT_EQ(ask(*client, "another key"), "from the new");
}

TEST_F(ClientTest, FollowsAskOnce) {
  std::mutex mutex;
  std::vector<std::string> seen;
  const LyingServer target(LyingServer::replying([&](const Words& words) {
    const std::lock_guard lock(mutex);
    seen.push_back(words[0]);
    return words[0] == "ASKING" ? std::string("+OK\r\n") : bulk("on its way");
  }));
  const LyingServer old(
      LyingServer::replying([&](const Words& words) { return moved(words[1], target.port(), "ASK"); }));
  const auto client = client_of({endpoint_of(old)});
  EXPECT_EQ(ask(*client, "key"), "on its way");
  EXPECT_EQ(ask(*client, "key"), "on its way");
  const std::lock_guard lock(mutex);
  EXPECT_THAT(seen, ElementsAre("ASKING", "GET", "ASKING", "GET"));
  EXPECT_EQ(client->refreshes(), 0U);
}

TEST_F(ClientTest, EndsWhereServersRedirectInCircles) {
  std::uint16_t first_port = 0;
  std::atomic<int> asked = 0;
  const LyingServer second(LyingServer::replying([&](const Words& words) {
    ++asked;
    return words[0] == "CLUSTER" ? std::string("*0\r\n") : moved(words[1], first_port);
  }));
  const LyingServer first(LyingServer::replying([&](const Words& words) {
    ++asked;
    return words[0] == "CLUSTER" ? std::string("*0\r\n") : moved(words[1], second.port());
  }));
  first_port = first.port();
  const auto client = client_of({endpoint_of(first)});
  EXPECT_THAT(ask(*client, "key"), HasSubstr("in circles"));
  EXPECT_LT(asked, 12);
}

TEST_F(ClientTest, AsksForItsMapOnceASecondAtMost) {
  std::uint16_t port = 0;
  const LyingServer server(LyingServer::replying(
      [&](const Words& words) { return words[0] == "CLUSTER" ? std::string("*0\r\n") : moved(words[1], port); }));
  port = server.port();
  const auto client = client_of({endpoint_of(server)});
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) ask(*client, std::to_string(i));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_GE(client->refreshes(), 1U);
  EXPECT_LE(client->refreshes(), static_cast<std::uint64_t>(seconds) + 1);
}

TEST_F(ClientTest, GivesWhatTheLivingNodesHave) {
  const LyingServer living(LyingServer::replying([](const Words&) { return bulk("alive"); }));
  const std::uint16_t dead = test::free_port();
  std::uint16_t seed_port = 0;
  const LyingServer seed(LyingServer::replying([&](const Words& words) {
    if (words[0] != "CLUSTER") return bulk("seed");
    return std::format("*2\r\n*3\r\n:0\r\n:8191\r\n*2\r\n{0}:{1}\r\n*3\r\n:8192\r\n:16383\r\n*2\r\n{0}:{2}\r\n",
                       bulk("127.0.0.1"), living.port(), dead);
  }));
  seed_port = seed.port();
  const auto client = client_of({endpoint_of(seed), {"127.0.0.1", seed_port}, {"localhost", seed_port}});
  std::vector<Command> commands;
  std::vector<bool> lives;
  for (int i = 0; i < 50; ++i) {
    commands.push_back(get(std::to_string(i)));
    lives.push_back(slot_of(std::to_string(i)) < 8192);
  }
  const auto replies = client->run(commands, within(5s));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    ASSERT_EQ(replies[i].has_value(), lives[i]) << text_of(replies[i]);
    EXPECT_TRUE(!lives[i] || replies[i]->text() == "alive");
  }
}

TEST_F(ClientTest, RefusesSeveralServersThatAreNoCluster) {
  const test::ValkeyServer one, two;
  const auto client = client_of({{"127.0.0.1", one.port()}, {"127.0.0.1", two.port()}});
  EXPECT_THAT(ask(*client, "key"), HasSubstr("is no node of a cluster"));
}

TEST_F(ClientTest, DoesNothingForNothing) {
  const auto client = client_of({{"127.0.0.1", test::free_port()}});
  EXPECT_TRUE(client->run({}, within(1s)).empty());
}

}  // namespace
}  // namespace fovea::valkey
