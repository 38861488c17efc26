#include "tier/valkey/server_settings.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using namespace std::chrono_literals;

class ServerSettingsTest : public testing::Test {
 protected:
  static Until within(std::chrono::milliseconds time) { return Until::of({}, time); }
  Endpoint endpoint() const { return {"127.0.0.1", server.port()}; }

  const test::ValkeyServer server{{"--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lfu"}};
  Client client{{{"127.0.0.1", server.port()}}, {.value_bytes_max = 8 << 20}};
};

TEST_F(ServerSettingsTest, AreWhatTheServerWasStartedWith) {
  const auto settings = read_settings(client, endpoint(), within(10s));
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->configured("maxmemory"), "67108864");
  EXPECT_EQ(settings->configured("maxmemory-policy"), "allkeys-lfu");
  EXPECT_EQ(settings->configured("save"), "");
  EXPECT_EQ(settings->configured("appendonly"), "no");
  EXPECT_EQ(settings->told("role"), "master");
  EXPECT_TRUE(settings->told("used_memory"));
  EXPECT_FALSE(settings->told("no such thing"));
  EXPECT_FALSE(settings->config_refused || settings->info_refused);
}

TEST_F(ServerSettingsTest, WhatItsUserMayNotReadIsLeftOut) {
  server.ask({"ACL", "SETUSER", "default", "-config"});
  const auto settings = read_settings(client, endpoint(), within(10s));
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_TRUE(settings->config_refused);
  EXPECT_FALSE(settings->configured("maxmemory"));
  EXPECT_EQ(settings->told("role"), "master");
}

TEST_F(ServerSettingsTest, AServerThatIsNotThereIsAFault) {
  const auto settings = read_settings(client, {"127.0.0.1", test::free_port()}, within(10s));
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().fault, Fault::unavailable);
}

TEST_F(ServerSettingsTest, TheLinkIsMeasuredAndNothingStays) {
  const auto speed = measure_link(client, within(30s));
  ASSERT_TRUE(speed) << speed.error().message;
  EXPECT_GT(speed->round_trip_ms, 0);
  EXPECT_GT(speed->bytes_per_ms, 0);
  EXPECT_EQ(server.ask({"DBSIZE"}), "0");
}

TEST(ParseInfoTest, TakesLinesAndLeavesOutTheRest) {
  const auto lines = parse_info("# Memory\r\nused_memory:12\r\n\r\nmem_allocator:a:b\nnonsense\nlast:1");
  EXPECT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines.at("used_memory"), "12");
  EXPECT_EQ(lines.at("mem_allocator"), "a:b");
  EXPECT_EQ(lines.at("last"), "1");
  EXPECT_TRUE(parse_info("").empty());
}

}  // namespace
}  // namespace fovea::valkey
