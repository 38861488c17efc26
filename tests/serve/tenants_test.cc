#include "serve/tenants.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <format>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "serve/fake_exchange.h"

namespace fovea::serve {
namespace {

class ManualClock final : public Clock {
 public:
  double now_ms() const override { return now_ms_; }
  void pass_s(double s) { now_ms_ += s * 1000; }

 private:
  double now_ms_ = 5000;
};

// A file of keys of its own.
class TenantsFile : public testing::Test {
 protected:
  TenantsFile()
      : path_(std::filesystem::temp_directory_path() /
              std::format("fovea-tenants-{}-{}.toml", getpid(),
                          testing::UnitTest::GetInstance()->current_test_info()->name())) {}
  ~TenantsFile() override { std::filesystem::remove(path_); }

  void write(const std::string& text) { std::ofstream(path_) << text; }
  // What is wrong with such a file, without its name; "nothing" where it can be read.
  std::string complaint(const std::string& text) {
    write(text);
    const auto tenants = Tenants::open(path_);
    if (tenants) return "nothing";
    EXPECT_EQ(tenants.error().fault, Fault::invalid);
    EXPECT_TRUE(tenants.error().message.starts_with(path_.string())) << tenants.error().message;
    return tenants.error().message.substr(path_.string().size());
  }
  std::unique_ptr<Tenants> tenants(const std::string& text) {
    write(text);
    return Tenants::open(path_).value();
  }

  const std::filesystem::path path_;
};

std::string section(const std::string& name, const std::string& key, const std::string& more = "") {
  return "[tenants." + name + "]\nkeys = [\"" + hash_of_key(key) + "\"]\n" + more;
}

TEST(Tenants, WithoutAFileEverybodyIsOneWhoMayDoEverything) {
  const Tenants tenants;
  for (const char* key : {"", "anything"}) {
    const auto tenant = tenants.find(key);
    ASSERT_TRUE(tenant);
    EXPECT_EQ((*tenant)->name, "");
    EXPECT_TRUE((*tenant)->admin);
  }
}

// The key of a request with these headers.
std::string key_with(const std::map<std::string, std::string, std::less<>>& headers) {
  test::FakeExchange exchange("/v1/models");
  exchange.headers = headers;
  return std::string(api_key_of(exchange));
}

TEST(ApiKey, ComesInTheHeadersOfSeveralApis) {
  EXPECT_EQ(key_with({{"authorization", "Bearer k"}}), "k");
  EXPECT_EQ(key_with({{"authorization", "bearer k"}}), "k");
  EXPECT_EQ(key_with({{"x-api-key", "k"}}), "k");
  EXPECT_EQ(key_with({{"api-key", "k"}}), "k");
  EXPECT_EQ(key_with({{"authorization", "Bearer a"}, {"x-api-key", "b"}, {"api-key", "c"}}), "a");
  EXPECT_EQ(key_with({{"x-api-key", "b"}, {"api-key", "c"}}), "b");
}

TEST(ApiKey, IsEmptyWhereThereIsNone) {
  for (const char* authorization : {"", "k", "Basic k", "Bearer", "Bearer "})
    EXPECT_EQ(key_with({{"authorization", authorization}}), "") << authorization;
  EXPECT_EQ(key_with({{"authorization", "Bearer  k"}}), " k") << "which is nobody's";
}

TEST_F(TenantsFile, NoKeyIsNobodys) {
  const auto tenants = this->tenants(section("alice", ""));
  EXPECT_FALSE(tenants->find(""));
}

TEST_F(TenantsFile, KnowsTenantsByTheirKeys) {
  const auto tenants = this->tenants(
      section("alice", "a-key", "requests_per_minute = 600\nbytes_per_minute = \"1MiB\"\nadmin = true\n") +
      "[tenants.bob]\nkeys = [\"" + hash_of_key("b-1") + "\", \"" + hash_of_key("b-2") + "\"]\n");
  const auto alice = tenants->find("a-key");
  ASSERT_TRUE(alice);
  EXPECT_EQ((*alice)->name, "alice");
  EXPECT_TRUE((*alice)->admin);
  EXPECT_EQ((*alice)->limits.requests_per_minute, 600U);
  EXPECT_EQ((*alice)->limits.bytes_per_minute, 1U << 20);
  for (const char* key : {"b-1", "b-2"}) {
    const auto bob = tenants->find(key);
    ASSERT_TRUE(bob) << key;
    EXPECT_EQ((*bob)->name, "bob");
    EXPECT_FALSE((*bob)->admin);
    EXPECT_EQ((*bob)->limits.requests_per_minute, 0U);
  }
}

TEST_F(TenantsFile, KnowsTenantsByTheirNames) {
  const auto tenants = this->tenants(section("alice", "a-key", "group = \"lab\"\n"));
  const auto alice = tenants->named("alice");
  ASSERT_TRUE(alice);
  EXPECT_EQ((*alice)->group, "lab");
  const auto nobody = tenants->named("nobody");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().status, 404);
}

TEST_F(TenantsFile, RefusesEverybodyElse) {
  const auto tenants = this->tenants(section("alice", "a-key"));
  for (const char* key : {"", "A-KEY", "a-ke", "a-keyy", " a-key"}) {
    const auto found = tenants->find(key);
    ASSERT_FALSE(found) << key;
    EXPECT_EQ(found.error().status, 401);
    EXPECT_EQ(found.error().code, "invalid_api_key");
  }
  EXPECT_FALSE(tenants->find(hash_of_key("a-key"))) << "who reads the file has no key";
}

TEST_F(TenantsFile, SaysInWhichLineItIsWrong) {
  const std::string good = section("alice", "a");
  EXPECT_EQ(complaint(""), ": no tenants; write [tenants.NAME] and keys = [\"HASH\"]");
  EXPECT_EQ(complaint("[tenants]\n"), ": no tenants; write [tenants.NAME] and keys = [\"HASH\"]");
  EXPECT_TRUE(complaint("[tenants.x\n").starts_with(", line 1: "));
  EXPECT_TRUE(complaint(good + "\n\nkeys").starts_with(", line 5: "));
  EXPECT_TRUE(complaint(good + "[tenants.bob]\n").starts_with(", line 3: a tenant needs keys"));
  EXPECT_TRUE(complaint("[tenants]\nbob = 5\n").starts_with(", line 2: a tenant is a table"));
  EXPECT_TRUE(complaint("[tenants.bob]\nkeys = \"text\"\n").starts_with(", line 1: a tenant needs keys"));
  EXPECT_TRUE(complaint("[tenants.bob]\nkeys = [\n\"short\"]\n").starts_with(", line 3: a key's hash is 64"));
  EXPECT_TRUE(complaint("[tenants.bob]\nkeys = [5]\n").starts_with(", line 2: a key's hash is 64"));
  EXPECT_TRUE(complaint(good + "colour = \"blue\"\n").starts_with(", line 3: a tenant has keys"));
  EXPECT_TRUE(complaint(good + "requests_per_minute = -1\n").starts_with(", line 3: a limit is"));
  EXPECT_TRUE(complaint(good + "bytes_per_minute = \"much\"\n").starts_with(", line 3: a limit is"));
}

TEST_F(TenantsFile, RefusesAKeyOfTwoTenants) {
  EXPECT_EQ(complaint(section("alice", "same") + section("bob", "same")), ", line 4: this key is listed twice");
}

TEST_F(TenantsFile, MustBeThere) {
  const auto missing = Tenants::open(path_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, Fault::not_found);
}

TEST_F(TenantsFile, IsReadAgain) {
  const auto tenants = this->tenants(section("alice", "old"));
  write(section("alice", "new"));
  ASSERT_TRUE(tenants->reload());
  EXPECT_FALSE(tenants->find("old"));
  EXPECT_TRUE(tenants->find("new"));
}

TEST_F(TenantsFile, KeepsItsKeysWhereItCannotBeReadAgain) {
  const auto tenants = this->tenants(section("alice", "old"));
  write("[tenants.alice\n");
  EXPECT_FALSE(tenants->reload());
  EXPECT_TRUE(tenants->find("old"));
}

TEST(Admit, HasNoLimitWhereNoneIsSet) {
  Tenants tenants;
  const ManualClock clock;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(tenants.admit({.name = "a"}, 1 << 30, clock));
}

TEST(Admit, RefillsAsTimePasses) {
  Tenants tenants;
  ManualClock clock;
  const Tenant tenant{.name = "a", .limits = {.requests_per_minute = 6}};
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(tenants.admit(tenant, 0, clock)) << i;
  const auto refused = tenants.admit(tenant, 0, clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 429);
  EXPECT_EQ(refused.error().code, "rate_limit_exceeded");
  EXPECT_EQ(refused.error().retry_after_s, 10U);
  clock.pass_s(9);
  EXPECT_EQ(tenants.admit(tenant, 0, clock).error().retry_after_s, 1U);
  clock.pass_s(1);
  EXPECT_TRUE(tenants.admit(tenant, 0, clock));
  EXPECT_FALSE(tenants.admit(tenant, 0, clock));
}

TEST(Admit, SavesUpNoMoreThanAMinute) {
  Tenants tenants;
  ManualClock clock;
  const Tenant tenant{.name = "a", .limits = {.requests_per_minute = 2}};
  EXPECT_TRUE(tenants.admit(tenant, 0, clock));
  clock.pass_s(3600);
  EXPECT_TRUE(tenants.admit(tenant, 0, clock));
  EXPECT_TRUE(tenants.admit(tenant, 0, clock));
  EXPECT_FALSE(tenants.admit(tenant, 0, clock));
}

TEST(Admit, CountsBytesToo) {
  Tenants tenants;
  ManualClock clock;
  const Tenant tenant{.name = "a", .limits = {.bytes_per_minute = 600}};
  EXPECT_TRUE(tenants.admit(tenant, 500, clock));
  EXPECT_EQ(tenants.admit(tenant, 200, clock).error().retry_after_s, 10U);
  EXPECT_TRUE(tenants.admit(tenant, 100, clock));
}

// A request above a minute's allowance would never come in otherwise; the next ones pay for it.
TEST(Admit, TakesARequestLargerThanAMinutesWorth) {
  Tenants tenants;
  ManualClock clock;
  const Tenant tenant{.name = "a", .limits = {.bytes_per_minute = 60}};
  EXPECT_TRUE(tenants.admit(tenant, 180, clock));
  EXPECT_EQ(tenants.admit(tenant, 1, clock).error().retry_after_s, 121U);
  clock.pass_s(121);
  EXPECT_TRUE(tenants.admit(tenant, 1, clock));
}

TEST(Admit, CountsTenantsEachForThemselves) {
  Tenants tenants;
  const ManualClock clock;
  const TenantLimits one{.requests_per_minute = 1};
  EXPECT_TRUE(tenants.admit({.name = "a", .limits = one}, 0, clock));
  EXPECT_TRUE(tenants.admit({.name = "b", .limits = one}, 0, clock));
  EXPECT_FALSE(tenants.admit({.name = "a", .limits = one}, 0, clock));
}

// Or whoever comes again when they were told to would be refused again.
TEST(Admit, DoesNotCountWhatItRefuses) {
  Tenants tenants;
  ManualClock clock;
  const Tenant tenant{.name = "a", .limits = {.requests_per_minute = 1, .bytes_per_minute = 100}};
  EXPECT_TRUE(tenants.admit(tenant, 0, clock));
  clock.pass_s(59);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(tenants.admit(tenant, 100, clock).error().retry_after_s, 1U);
  clock.pass_s(1);
  EXPECT_TRUE(tenants.admit(tenant, 100, clock));
}

}  // namespace
}  // namespace fovea::serve
