#include "serve/events/tenant_names.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <format>
#include <fstream>

#include "pipeline/levels/scope.h"

namespace fovea::serve {
namespace {

std::string section(const std::string& name) {
  return "[tenants." + name + "]\nkeys = [\"" + hash_of_key(name) + "\", \"" + hash_of_key(name + " again") + "\"]\n";
}

TEST(TenantNames, TheOnlyTenantHasNone) {
  const Tenants tenants;
  TenantNames names(tenants);
  EXPECT_EQ(names.name_of(tenant_label("")), "");
  EXPECT_EQ(names.name_of(tenant_label("alice")), "");
}

TEST(TenantNames, KnowsTenantsThatWereAddedMeanwhile) {
  const auto file = std::filesystem::temp_directory_path() / std::format("fovea-tenant-names-{}.toml", getpid());
  std::ofstream(file) << section("alice");
  const auto tenants = Tenants::open(file).value();
  EXPECT_EQ(tenants->names(), std::vector<std::string>{"alice"}) << "once, with two keys";
  TenantNames names(*tenants);
  EXPECT_EQ(names.name_of(tenant_label("alice")), "alice");
  std::ofstream(file) << section("alice") << section("bob");
  ASSERT_TRUE(tenants->reload());
  names.may_have_changed();
  EXPECT_EQ(names.name_of(tenant_label("bob")), "bob");
  EXPECT_EQ(names.name_of(tenant_label("carol")), "");
  std::ofstream(file) << section("alice") << section("carol");
  ASSERT_TRUE(tenants->reload());
  EXPECT_EQ(names.name_of(tenant_label("carol")), "") << "asked already";
  names.may_have_changed();
  EXPECT_EQ(names.name_of(tenant_label("carol")), "carol") << "that it was not known is not remembered";
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace fovea::serve
