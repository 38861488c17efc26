#include "app/cache/server_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace fovea::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const valkey::Endpoint server{"10.0.0.5", 6379};

valkey::ServerSettings as_advised() {
  return {
      .config = {{"maxmemory", "8589934592"},
                 {"maxmemory-policy", "allkeys-lfu"},
                 {"save", ""},
                 {"appendonly", "no"},
                 {"cluster-enabled", "no"},
                 {"cluster-require-full-coverage", "yes"}},
      .info = {{"used_memory", "1073741824"}, {"evicted_keys", "7"}, {"role", "master"}, {"connected_slaves", "1"}}};
}

// The finding that differs where one setting does.
Finding with(const std::string& name, const std::string& value) {
  valkey::ServerSettings settings = as_advised();
  (settings.config.contains(name) ? settings.config : settings.info)[name] = value;
  for (const Finding& finding : check_settings(server, settings)) {
    if (finding.grade != Grade::ok) return finding;
  }
  return {};
}

TEST(ServerChecksTest, AServerAsAdvisedIsWell) {
  const auto findings = check_settings(server, as_advised());
  EXPECT_EQ(findings.size(), 4u);
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.grade, Grade::ok) << finding.what;
    EXPECT_THAT(finding.what, StartsWith("10.0.0.5:6379: "));
    EXPECT_EQ(finding.advice, "");
  }
  EXPECT_THAT(findings.front().what, HasSubstr("maxmemory 8.00 GiB, uses 1.00 GiB, 7 evicted"));
}

TEST(ServerChecksTest, EachWrongSettingHasItsAdvice) {
  EXPECT_EQ(with("maxmemory", "0").grade, Grade::wrong);
  EXPECT_THAT(with("maxmemory", "0").advice, HasSubstr("set maxmemory"));
  EXPECT_EQ(with("maxmemory-policy", "noeviction").grade, Grade::wrong);
  EXPECT_EQ(with("maxmemory-policy", "volatile-lfu").grade, Grade::wrong);
  EXPECT_EQ(with("maxmemory-policy", "allkeys-lru").grade, Grade::warning);
  EXPECT_EQ(with("save", "3600 1").grade, Grade::warning);
  EXPECT_EQ(with("appendonly", "yes").grade, Grade::warning);
  EXPECT_EQ(with("cluster-enabled", "yes").grade, Grade::warning);
  EXPECT_THAT(with("cluster-enabled", "yes").what, HasSubstr("cluster-require-full-coverage yes"));
  EXPECT_EQ(with("role", "slave").grade, Grade::wrong);
}

TEST(ServerChecksTest, WhatMayNotBeReadIsAWarning) {
  const auto findings = check_settings(server, {.config_refused = true, .info_refused = true});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings.front().grade, Grade::warning);
  EXPECT_THAT(findings.front().advice, HasSubstr("+config|get"));
}

TEST(ServerChecksTest, AServerThatIsFarIsAWarning) {
  EXPECT_EQ(check_speed({.round_trip_ms = 0.2, .bytes_per_ms = 1'000'000}).grade, Grade::ok);
  EXPECT_EQ(check_speed({.round_trip_ms = 40, .bytes_per_ms = 1'000'000}).grade, Grade::warning);
  EXPECT_EQ(check_speed({.round_trip_ms = 0.2, .bytes_per_ms = 1'000}).grade, Grade::warning);
}

TEST(ServerChecksTest, WithoutTlsOnlyThisMachineIsWell) {
  const auto grade = [](std::string_view address) { return check_wire(*valkey::Address::parse(address)).grade; };
  EXPECT_EQ(grade("valkeys://10.0.0.5"), Grade::ok);
  EXPECT_EQ(grade("valkey://127.0.0.1:7000,[::1]:7001"), Grade::ok);
  EXPECT_EQ(grade("valkey://127.0.0.1,10.0.0.5"), Grade::warning);
}

TEST(ServerChecksTest, AKeyFileIsItsOwnersAndHasOneKey) {
  EXPECT_EQ(check_key_file("k", 1, false).grade, Grade::ok);
  EXPECT_THAT(check_key_file("k", 1, true).advice, HasSubstr("chmod 600 k"));
  EXPECT_THAT(check_key_file("k", 2, false).advice, HasSubstr("old line"));
}

}  // namespace
}  // namespace fovea::app
