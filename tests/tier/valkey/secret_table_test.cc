#include "tier/valkey/secret_table.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using test::key_named;

class SecretTableTest : public testing::Test {
 protected:
  std::shared_ptr<Client> client() const {
    return std::make_shared<Client>(std::vector<Endpoint>{{"127.0.0.1", server.port()}}, Dial{.value_bytes_max = 1000});
  }
  std::string name() const {
    return "fovea:1:k:" + std::string(reinterpret_cast<const char*>(tenant.bytes.data()), tenant.bytes.size());
  }

  test::ValkeyServer server;
  SecretTable table{client()};
  const Key tenant = key_named("tenant");
};

TEST_F(SecretTableTest, IsDrawnOnceForAll) {
  const Secret drawn = table.read_or_draw(tenant, {}).value();
  EXPECT_TRUE(table.read_or_draw(tenant, {}).value() == drawn);
  EXPECT_TRUE(SecretTable(client()).read_or_draw(tenant, {}).value() == drawn);
  EXPECT_FALSE(table.read_or_draw(key_named("another"), {}).value() == drawn);
}

TEST_F(SecretTableTest, NodesThatDrawAtOnceAgree) {
  for (int i = 0; i < 20; ++i) {
    std::vector<Secret> drawn(4, Secret::drawn());
    {
      std::vector<std::jthread> nodes;
      for (Secret& one : drawn) {
        nodes.emplace_back(
            [&, i] { one = SecretTable(client()).read_or_draw(key_named(std::to_string(i)), {}).value(); });
      }
    }
    for (const Secret& one : drawn) EXPECT_TRUE(one == drawn.front());
  }
}

TEST_F(SecretTableTest, ADestroyedOneIsReplaced) {
  const Secret before = table.read_or_draw(tenant, {}).value();
  ASSERT_TRUE(table.destroy(tenant));
  const Secret after = SecretTable(client()).read_or_draw(tenant, {}).value();
  EXPECT_FALSE(after == before);
  EXPECT_TRUE(table.read_or_draw(tenant, {}).value() == after);
}

TEST_F(SecretTableTest, WhatIsNoSecretIsReplaced) {
  server.ask({"SET", name(), "something"});
  const auto drawn = table.read_or_draw(tenant, {});
  ASSERT_TRUE(drawn) << drawn.error().message;
  EXPECT_TRUE(table.read_or_draw(tenant, {}).value() == *drawn);
}

TEST_F(SecretTableTest, AServerThatIsAwayIsUnavailable) {
  EXPECT_TRUE(table.read_or_draw(tenant, {}));
  server.kill();
  EXPECT_EQ(table.read_or_draw(tenant, {}).error().fault, Fault::unavailable);
  EXPECT_EQ(table.destroy(tenant).error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace fovea::valkey
