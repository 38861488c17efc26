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

TEST(ReplicatedSetTest, TheFirstErrorIsTheFirst) {
  const std::vector<Result<Reply>> results = {Reply{}, fail(Fault::timed_out, "a"), fail(Fault::internal, "b")};
  EXPECT_EQ(first_error(results), &results[1].error());
  EXPECT_EQ(first_error(std::span(results).first(1)), nullptr);
}

}  // namespace
}  // namespace fovea::valkey
