// Servers that are no Valkey servers, or bad ones: every lie is a sentence and a closed connection, within
// the caller's time, and never more memory than was allowed.
#include "tier/valkey/lying_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {
namespace {

using test::entry_named;
using test::key_named;
using test::LyingPeer;
using test::LyingServer;
using testing::HasSubstr;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr RecordKind embedding = RecordKind::embedding;

std::unique_ptr<ValkeyTier> open(const LyingServer& server, ValkeyOptions options = {}) {
  options.address = server.address();
  return ValkeyTier::open(options).value();
}

Result<std::vector<std::optional<TierHit>>> find(ValkeyTier& tier, std::chrono::milliseconds within = 10s) {
  const Key key = key_named("picture");
  return tier.find_many(embedding, std::span(&key, 1), {.deadline = steady_clock::now() + within});
}

// What a look-up says when each command is answered with `reply`.
Error error_of(const std::string& reply) {
  const LyingServer server(LyingServer::replying([&](const auto&) { return reply; }));
  const auto tier = open(server);
  const auto found = find(*tier);
  return found ? Error{Fault::internal, "it works"} : found.error();
}

TEST(LyingServerTest, AnnouncesWhatIsTooLong) {
  for (const char* length :
       {"4294967296", "71000000", "9223372036854775807", "18446744073709551616", "99999999999999999999999"}) {
    const Error error = error_of(std::string("$") + length + "\r\n");
    EXPECT_EQ(error.fault, Fault::unavailable) << length;
    EXPECT_THAT(error.message, HasSubstr("no reply of a Valkey server")) << length;
  }
  EXPECT_THAT(error_of("$4294967296\r\nabc").message, HasSubstr("4294967296 bytes"));
  EXPECT_EQ(error_of("*4294967295\r\n").fault, Fault::unavailable);
}

TEST(LyingServerTest, SaysGarbage) {
  for (const std::string& reply :
       {std::string("garbage\r\n"), std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string(1000, '\0'),
        std::string("$-7\r\n"), std::string("$12x\r\n"), std::string("*-2\r\n"), std::string(":one\r\n"),
        "+" + std::string(1 << 20, 'x'), "$" + std::string(1 << 20, '1'), "$3\r\n" + std::string("abcdef\r\n"),
        std::string("%1\r\n+a\r\n+b\r\n"), std::string(">1\r\n+a\r\n")}) {
    const Error error = error_of(reply);
    EXPECT_EQ(error.fault, Fault::unavailable) << reply.substr(0, 30) << ": " << error.message;
  }
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "*1\r\n";
  EXPECT_EQ(error_of(nested).fault, Fault::unavailable);
}

TEST(LyingServerTest, GivesARightReplyToAnotherQuestion) {
  for (const char* reply : {":1\r\n", "+OK\r\n", "*0\r\n", "*1\r\n$1\r\na\r\n", "$-1\r\n$-1\r\n"})
    EXPECT_THAT(error_of(reply).message, HasSubstr("is it a Valkey server?")) << reply;
}

TEST(LyingServerTest, HasNothingWhateverIsAsked) {
  const LyingServer server(LyingServer::replying([](const auto&) { return "$-1\r\n"; }));
  const auto tier = open(server);
  const auto found = find(*tier);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(found->front());
  EXPECT_EQ(tier->insert(embedding, entry_named("picture")).error().fault, Fault::unavailable);
  const Key key = key_named("picture");
  EXPECT_EQ(tier->find_last(embedding, std::span(&key, 1), {}).error().fault, Fault::unavailable);
}

TEST(LyingServerTest, RefusesEverythingInWords) {
  EXPECT_THAT(error_of("-LOADING the dataset is in memory\r\n").message, HasSubstr("still loading"));
  EXPECT_THAT(error_of("-MASTERDOWN Link with MASTER is down\r\n").message, HasSubstr("has lost its primary"));
  EXPECT_THAT(error_of("-CLUSTERDOWN The cluster is down\r\n").message, HasSubstr("its cluster is down"));
  EXPECT_THAT(error_of("-ERR max number of clients reached\r\n").message, HasSubstr("raise its maxclients"));
  EXPECT_THAT(error_of("-\x1b[31mred\a\r\n").message, HasSubstr("?[31mred?"));
  EXPECT_THAT(error_of("-MOVED 3 nowhere\r\n").message, HasSubstr("refused a command"));
}

TEST(LyingServerTest, ClosesInTheMiddle) {
  for (const char* begun : {"", "$", "$1000\r\n", "$1000\r\nabc", "$100000\r\nabc"}) {
    const LyingServer server([&](LyingPeer& peer) {
      peer.next_command();
      peer.send(begun);
    });
    const auto tier = open(server);
    const auto found = find(*tier);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().fault, Fault::unavailable);
    EXPECT_THAT(found.error().message, HasSubstr("closed the connection"));
  }
}

TEST(LyingServerTest, ClosesWhileItIsWrittenTo) {
  const LyingServer server([](LyingPeer& peer) {
    for (;;) {
      const auto words = peer.next_command();
      if (words.empty() || words[0] == "SET") return;
      peer.send("$16\r\n0123456789abcdef\r\n");
    }
  });
  const auto tier = open(server);
  EXPECT_EQ(tier->insert(embedding, entry_named("picture", 50'000'000)).error().fault, Fault::unavailable);
}

TEST(LyingServerTest, NeverReads) {
  const LyingServer server([](LyingPeer& peer) {
    peer.next_command();
    peer.send("$16\r\n0123456789abcdef\r\n");
    peer.next_command();
    peer.send("$16\r\n0123456789abcdef\r\n");
    std::this_thread::sleep_for(300ms);  // longer than the tier waits
  });
  const auto tier = open(server, {.wait_max = 100ms});
  TierEntry entry = entry_named("picture", 50'000'000);
  const auto begin = steady_clock::now();
  EXPECT_EQ(tier->insert(embedding, entry).error().fault, Fault::timed_out);
  EXPECT_LT(steady_clock::now() - begin, 5s);
}

TEST(LyingServerTest, DripsAByteAtATime) {
  const LyingServer server([](LyingPeer& peer) {
    peer.next_command();
    peer.send("$40000000\r\n");
    while (peer.send("x")) std::this_thread::sleep_for(1ms);
  });
  const auto tier = open(server);
  const auto begin = steady_clock::now();
  EXPECT_EQ(find(*tier, 150ms).error().fault, Fault::timed_out);
  EXPECT_LT(steady_clock::now() - begin, 2s);
}

TEST(LyingServerTest, FloodsWithoutAnEnd) {
  const LyingServer server([](LyingPeer& peer) {
    peer.next_command();
    const std::string line(1 << 16, 'x');
    peer.send("+");
    while (peer.send(line)) {
    }
  });
  const auto tier = open(server);
  EXPECT_EQ(find(*tier).error().fault, Fault::unavailable);
}

TEST(LyingServerTest, IsNotAskedAgainOverAConnectionThatFailed) {
  const LyingServer server([](LyingPeer& peer) {
    peer.next_command();
    peer.wait_for_end();  // the client must hang up, or this does not end
  });
  const auto tier = open(server);
  EXPECT_EQ(find(*tier, 50ms).error().fault, Fault::timed_out);
  EXPECT_EQ(find(*tier, 50ms).error().fault, Fault::timed_out);
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(find(*tier).error().fault, Fault::unavailable) << "the breaker is open";
  EXPECT_EQ(server.connections(), 2);
}

TEST(LyingServerTest, MixesUpGenerations) {
  // A server that gives every key the same bytes: no number is one, no entry is one.
  const LyingServer server(LyingServer::replying([](const auto& words) -> std::string {
    return words[0] == "GET" ? "$5\r\nhello\r\n" : words[0] == "UNLINK" ? ":1\r\n" : "+OK\r\n";
  }));
  const auto tier = open(server);
  const auto found = find(*tier);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(found->front());
  EXPECT_EQ(test::doubted(*tier, RecordFault::too_short), 1U);
  EXPECT_THAT(tier->insert(embedding, entry_named("picture")).error().message, HasSubstr("keeps nothing"));
}

}  // namespace
}  // namespace fovea
