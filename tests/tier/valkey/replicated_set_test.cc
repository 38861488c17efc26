#include "tier/valkey/replicated_set.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using namespace std::chrono_literals;

// A replica that hangs: valkey_server_test.cc.
TEST(ReplicatedSetTest, IsThereOnReturnOnEveryReplica) {
  const test::ValkeyServer primary({"--repl-diskless-sync-delay", "0"});
  const test::ValkeyServer replica({"--replicaof", "127.0.0.1 " + std::to_string(primary.port())});
  ASSERT_TRUE(test::eventually([&] { return replica.ask({"INFO", "replication"}).contains("master_link_status:up"); }));
  Client client({{"127.0.0.1", primary.port()}}, Dial{.value_bytes_max = 1000});
  for (int i = 0; i < 10; ++i) {
    const std::string value = std::to_string(i);
    const auto set = set_with_replicas(client, "a", value, Until::of({}, 5s));
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(replica.ask({"GET", "a"}), value);
  }
}

TEST(ReplicatedSetTest, ARemovalThatAReplicaLacksFailsAndCanBeTriedAgain) {
  const test::ValkeyServer primary({"--repl-diskless-sync-delay", "0"});
  test::ValkeyServer replica({"--replicaof", "127.0.0.1 " + std::to_string(primary.port())});
  ASSERT_TRUE(test::eventually([&] { return replica.ask({"INFO", "replication"}).contains("master_link_status:up"); }));
  Client client({{"127.0.0.1", primary.port()}}, Dial{.value_bytes_max = 1000});
  for (const char* key : {"a", "b"}) ASSERT_TRUE(set_with_replicas(client, key, "value", Until::of({}, 5s)));
  const std::vector<Command> removals = {command_of(Expect::integer, "a", {"UNLINK", "a"}),
                                         command_of(Expect::integer, "b", {"UNLINK", "b"})};
  replica.stop();
  const auto removed = write_with_replicas(client, removals, Until::of({}, 5s));
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().fault, Fault::unavailable);
  EXPECT_TRUE(removed.error().message.contains("0 of 1 replicas")) << removed.error().message;
  EXPECT_EQ(primary.ask({"EXISTS", "a", "b"}), "0");
  replica.resume();
  EXPECT_TRUE(
      test::eventually([&] { return write_with_replicas(client, removals, Until::of({}, 5s)).has_value(); }, 30s));
  EXPECT_EQ(replica.ask({"EXISTS", "a", "b"}), "0");
}

TEST(ReplicatedSetTest, TheFirstErrorIsTheFirst) {
  const std::vector<Result<Reply>> results = {Reply{}, fail(Fault::timed_out, "a"), fail(Fault::internal, "b")};
  EXPECT_EQ(first_error(results), &results[1].error());
  EXPECT_EQ(first_error(std::span(results).first(1)), nullptr);
}

}  // namespace
}  // namespace fovea::valkey
