// Servers that are absent, killed, hung, full, locked or replicas: every call ends in time, with a sentence
// that tells the operator what to do, and all is well again when the server is.
#include "tier/valkey/valkey_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <format>
#include <fstream>
#include <thread>

#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {
namespace {

using test::entry_named;
using test::eventually;
using test::find_one;
using test::insert_into;
using test::key_named;
using test::ValkeyServer;
using testing::HasSubstr;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr RecordKind embedding = RecordKind::embedding;

std::unique_ptr<ValkeyTier> open(const std::string& address, ValkeyOptions options = {}) {
  options.address = address;
  return ValkeyTier::open(options).value();
}

WaitLimits within(std::chrono::milliseconds time) { return {.deadline = steady_clock::now() + time}; }

Result<std::vector<std::optional<TierHit>>> find(ValkeyTier& tier, const WaitLimits& limits = {}) {
  const Key key = key_named("picture");
  return tier.find_many(embedding, std::span(&key, 1), limits);
}

// The error of a call that must fail as unavailable.
std::string why(ValkeyTier& tier) {
  const auto found = find(tier);
  if (found) return "it works";
  EXPECT_EQ(found.error().fault, Fault::unavailable) << found.error().message;
  return found.error().message;
}

TEST(ValkeyServerTest, AbsentIsUnavailable) {
  const auto tier = open(std::format("valkey://127.0.0.1:{}", test::free_port()));
  EXPECT_THAT(why(*tier), HasSubstr("is the server running?"));
  EXPECT_EQ(tier->insert(embedding, entry_named("picture")).error().fault, Fault::unavailable);
  EXPECT_THAT(why(*tier), HasSubstr("left alone"));
  EXPECT_EQ(tier->purge(key_named("tenant")).error().fault, Fault::unavailable);
  const Key key = key_named("picture");
  EXPECT_EQ(tier->erase(embedding, std::span(&key, 1)).error().fault, Fault::unavailable);
  EXPECT_EQ(tier->find_last(embedding, std::span(&key, 1), {}).error().fault, Fault::unavailable);
}

TEST(ValkeyServerTest, KilledAndRestartedWorksAgain) {
  ValkeyServer server;
  const auto tier = open(server.address());
  insert_into(*tier, entry_named("picture"));
  ASSERT_TRUE(find_one(*tier, key_named("picture")));
  server.kill();
  EXPECT_THAT(why(*tier), HasSubstr("is the server running?"));
  server.start();
  ASSERT_TRUE(eventually([&] { return find(*tier).has_value(); }));
  EXPECT_FALSE(find_one(*tier, key_named("picture"))) << "it kept nothing on disk";
  insert_into(*tier, entry_named("picture"));
  EXPECT_TRUE(find_one(*tier, key_named("picture")));
}

TEST(ValkeyServerTest, RestartedUnnoticedCostsNoCall) {
  ValkeyServer server;
  const auto tier = open(server.address());
  insert_into(*tier, entry_named("picture"));
  server.kill();
  server.start();
  insert_into(*tier, entry_named("picture"));
  EXPECT_TRUE(find_one(*tier, key_named("picture")));
}

TEST(ValkeyServerTest, HungCostsTheDeadlineTwiceAndThenNothing) {
  ValkeyServer server;
  const auto tier = open(server.address());
  insert_into(*tier, entry_named("picture"));
  server.stop();
  for (int i = 0; i < 2; ++i) {
    const auto begin = steady_clock::now();
    const auto found = find(*tier, within(100ms));
    EXPECT_EQ(found.error().fault, Fault::timed_out) << found.error().message;
    EXPECT_GE(steady_clock::now() - begin, 100ms);
    EXPECT_LT(steady_clock::now() - begin, 1s);
  }
  EXPECT_EQ(find(*tier, within(1h)).error().fault, Fault::unavailable) << "the breaker is open";
  server.resume();
  EXPECT_TRUE(eventually([&] { return find(*tier, within(100ms)).has_value(); }));
  EXPECT_TRUE(find_one(*tier, key_named("picture")));
}

TEST(ValkeyServerTest, HungInTheMiddleOfManyThreadsLetsThemAllGo) {
  ValkeyServer server;
  const auto tier = open(server.address());
  insert_into(*tier, entry_named("picture", 1'000'000));
  server.stop();
  const auto begin = steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 12; ++i) {
      threads.emplace_back([&] { EXPECT_FALSE(find(*tier, within(200ms))); });
    }
  }
  EXPECT_LT(steady_clock::now() - begin, 2s);
  server.resume();
  EXPECT_TRUE(eventually([&] { return find(*tier, within(100ms)).has_value(); }));
}

TEST(ValkeyServerTest, StopRequestEndsAWaitAtOnce) {
  ValkeyServer server;
  const auto tier = open(server.address());
  insert_into(*tier, entry_named("picture"));
  server.stop();
  std::stop_source stop;
  auto begin = steady_clock::time_point::max();
  std::jthread stopper([&] {
    std::this_thread::sleep_for(50ms);  // so that most runs wait when they are stopped; all must be cancelled
    begin = steady_clock::now();
    stop.request_stop();
  });
  const auto found = find(*tier, {.stop = stop.get_token()});
  const auto end = steady_clock::now();
  stopper.join();
  EXPECT_EQ(found.error().fault, Fault::cancelled) << found.error().message;
  EXPECT_LT(end - begin, 1s);
  EXPECT_EQ(find(*tier, {.stop = stop.get_token()}).error().fault, Fault::cancelled) << "stopped before it began";
  server.resume();
  EXPECT_TRUE(find(*tier)) << "what a caller stops, the server is not blamed for";
}

TEST(ValkeyServerTest, AsksForAPassword) {
  const ValkeyServer server(
      {"--requirepass", "open sesame", "--user", "reader", "on", ">let me in", "~fovea:*", "+@all"});
  EXPECT_THAT(why(*open(server.address())), HasSubstr("asks for a password"));
  const ScratchFolder folder = ScratchFolder::make("fovea-valkey").value();
  const auto file = folder.path() / "password";
  const auto with_password = [&](std::string_view password, const std::string& user = "") {
    std::ofstream(file) << password << "\n";
    const std::string address = std::format("valkey://{}127.0.0.1:{}", user, server.port());
    return open(address, {.password_file = file});
  };
  EXPECT_THAT(why(*with_password("open barley")), HasSubstr("refuses the user or the password"));
  EXPECT_THAT(why(*with_password("open barley")), testing::Not(HasSubstr("barley")));
  EXPECT_EQ(why(*with_password("open sesame")), "it works");
  EXPECT_EQ(why(*with_password("let me in", "reader@")), "it works");
  setenv("FOVEA_VALKEY_PASSWORD", "open sesame", 1);
  const auto tier = open(server.address());
  unsetenv("FOVEA_VALKEY_PASSWORD");
  insert_into(*tier, entry_named("picture"));
  EXPECT_TRUE(find_one(*tier, key_named("picture")));
}

TEST(ValkeyServerTest, HasNoPasswordAndIsGivenOne) {
  const ValkeyServer server;
  const ScratchFolder folder = ScratchFolder::make("fovea-valkey").value();
  const auto file = folder.path() / "password";
  std::ofstream(file) << "needless";
  EXPECT_THAT(why(*open(server.address(), {.password_file = file})), HasSubstr("it said: "));
}

TEST(ValkeyServerTest, DoesNotLetItsUserWrite) {
  const ValkeyServer server({"--user", "default", "on", "nopass", "~fovea:*", "+get", "+ping"});
  const auto tier = open(server.address());
  EXPECT_FALSE(find_one(*tier, key_named("picture")));
  EXPECT_THAT(tier->insert(embedding, entry_named("picture")).error().message, HasSubstr("allow keys ~fovea:*"));
}

TEST(ValkeyServerTest, FullAndEvictingNothing) {
  const ValkeyServer server({"--maxmemory", "4mb", "--maxmemory-policy", "noeviction"});
  const auto tier = open(server.address());
  insert_into(*tier, entry_named("picture"));
  Result<void> inserted;
  for (int i = 0; i < 8 && inserted; ++i) inserted = tier->insert(embedding, entry_named(std::to_string(i), 1'000'000));
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().fault, Fault::unavailable);
  EXPECT_THAT(inserted.error().message, HasSubstr("set its maxmemory-policy to allkeys-lfu"));
  EXPECT_TRUE(find_one(*tier, key_named("picture"))) << "a full server still reads";
}

TEST(ValkeyServerTest, FullAndEvictingOnlyLosesCache) {
  const ValkeyServer server({"--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru"});
  const auto tier = open(server.address());
  for (int i = 0; i < 40; ++i) {
    insert_into(*tier, entry_named(std::to_string(i), 200'000));
    const auto hit = find_one(*tier, key_named(std::to_string(i / 2)));
    EXPECT_TRUE(!hit || hit->record.payload.size() == 200'000);
  }
}

TEST(ValkeyServerTest, ReplicaRefusesWritesAndReads) {
  const ValkeyServer primary;
  const ValkeyServer replica(
      {"--replicaof", std::format("127.0.0.1 {}", primary.port()), "--repl-diskless-sync-delay", "0"});
  const auto tier = open(primary.address()), wrong = open(replica.address());
  const auto in_sync = [&] { return replica.ask({"INFO", "replication"}).contains("master_link_status:up"); };
  ASSERT_TRUE(eventually(in_sync));
  insert_into(*tier, entry_named("picture"));
  EXPECT_THAT(wrong->insert(embedding, entry_named("other")).error().message,
              HasSubstr("is a replica: name its primary"));
  ASSERT_TRUE(eventually([&] { return find_one(*wrong, key_named("picture")).has_value(); })) << "it may be read from";

  ASSERT_TRUE(tier->purge(key_named("tenant")));
  EXPECT_FALSE(find_one(*wrong, key_named("picture"))) << "a purge waits for the replicas";
}

TEST(ValkeyServerTest, ReplicaThatHangsFailsAPurge) {
  const ValkeyServer primary({"--repl-diskless-sync-delay", "0"});
  ValkeyServer replica({"--replicaof", std::format("127.0.0.1 {}", primary.port())});
  const auto tier = open(primary.address());
  ASSERT_TRUE(eventually([&] { return replica.ask({"INFO", "replication"}).contains("master_link_status:up"); }));
  insert_into(*tier, entry_named("picture"));
  replica.stop();
  const auto purged = tier->purge(key_named("tenant"));
  ASSERT_FALSE(purged);
  EXPECT_EQ(purged.error().fault, Fault::unavailable);
  EXPECT_THAT(purged.error().message, HasSubstr("0 of 1 replicas"));
  EXPECT_FALSE(find_one(*tier, key_named("picture"))) << "it is purged where it is asked for";
  replica.resume();
  EXPECT_TRUE(eventually([&] { return tier->purge(key_named("tenant")).has_value(); }));
}

}  // namespace
}  // namespace fovea
