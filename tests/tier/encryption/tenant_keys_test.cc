// TenantKeys: of two secrets, kept for a while, and gone when one of them is.
#include "tier/encryption/tenant_keys.h"

#include <gtest/gtest.h>

#include <thread>

#include "store/manual_clock.h"
#include "tier/encryption/memory_secrets.h"
#include "tier/entries.h"

namespace fovea {
namespace {

using test::key_of;
using test::MemorySecrets;
using test::SecretsInMemory;

const SealKey fleet{std::byte{1}}, other_fleet{std::byte{2}};

class TenantKeysTest : public testing::Test {
 protected:
  TenantKeys made(std::vector<SealKey> fleet_keys) {
    return {std::move(fleet_keys), std::make_unique<MemorySecrets>(table), clock};
  }
  static Secret first(TenantKeys& keys, const Key& tenant) { return keys.keys_of(tenant, {}).value().front(); }

  test::ManualClock clock;
  std::shared_ptr<SecretsInMemory> table = std::make_shared<SecretsInMemory>();
  const Key tenant = key_of("tenant");
};

TEST_F(TenantKeysTest, DependOnFleetTenantAndSecret) {
  TenantKeys keys = made({fleet, other_fleet});
  const auto both = keys.keys_of(tenant, {}).value();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_FALSE(both[0] == both[1]);
  TenantKeys same = made({fleet}), other = made({other_fleet});
  EXPECT_TRUE(first(same, tenant) == both[0]) << "any process of the fleet has the same";
  EXPECT_TRUE(first(other, tenant) == both[1]);
  table->secrets.emplace(key_of("another"), table->secrets.at(tenant));
  EXPECT_FALSE(first(same, key_of("another")) == both[0]) << "a tenant that got another's secret";
}

// Another implementation of BLAKE3 derived it.
TEST_F(TenantKeysTest, AreTheSameForEver) {
  table->secrets.emplace(tenant, Secret(key_of("a secret").bytes));
  TenantKeys keys = made({fleet});
  const auto golden = Key::from_hex("2008b1cf0c1b8aa0a36d55be1573e69daa7a765e4ba563ba1a3863abe998d7d0");
  EXPECT_TRUE(first(keys, tenant) == Secret(golden->bytes));
}

TEST_F(TenantKeysTest, AreReadOnceAMinute) {
  TenantKeys keys = made({fleet});
  const Secret before = first(keys, tenant);
  clock.pass(TenantKeys::kept_ms - 1);
  table->is_away = true;
  EXPECT_TRUE(first(keys, tenant) == before);
  EXPECT_EQ(table->reads, 1);
  clock.pass(1);
  const auto away = keys.keys_of(tenant, {});
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().fault, Fault::unavailable);
  table->is_away = false;
  EXPECT_TRUE(first(keys, tenant) == before);
}

TEST_F(TenantKeysTest, ADestroyedSecretIsKeptByNobodyForLong) {
  TenantKeys here = made({fleet}), elsewhere = made({fleet});
  const Secret before = first(here, tenant);
  EXPECT_TRUE(first(elsewhere, tenant) == before);
  ASSERT_TRUE(here.destroy(tenant));
  EXPECT_FALSE(first(here, tenant) == before);
  EXPECT_TRUE(first(elsewhere, tenant) == before);
  clock.pass(TenantKeys::kept_ms);
  EXPECT_TRUE(first(elsewhere, tenant) == first(here, tenant));
}

TEST_F(TenantKeysTest, ADoubtReadsAnewWhatIsNotFresh) {
  TenantKeys here = made({fleet}), elsewhere = made({fleet});
  EXPECT_FALSE(here.doubt(tenant)) << "nothing is kept";
  const Secret before = first(here, tenant);
  ASSERT_TRUE(elsewhere.destroy(tenant));
  EXPECT_FALSE(here.doubt(tenant)) << "read just now";
  clock.pass(TenantKeys::doubted_ms);
  EXPECT_TRUE(here.doubt(tenant));
  EXPECT_FALSE(first(here, tenant) == before);
}

TEST_F(TenantKeysTest, WhatCannotBeDestroyedIsForgottenAllTheSame) {
  TenantKeys keys = made({fleet});
  const Secret before = first(keys, tenant);
  table->is_away = true;
  EXPECT_EQ(keys.destroy(tenant).error().fault, Fault::unavailable);
  EXPECT_FALSE(keys.keys_of(tenant, {}));
  table->is_away = false;
  EXPECT_TRUE(first(keys, tenant) == before) << "so it has to be tried again";
}

// Destroys the secret while it is read, as another thread may.
class DestroyedMeanwhile final : public TenantSecrets {
 public:
  Result<Secret> read_or_draw(const Key& tenant, const WaitLimits&) override {
    Secret read = current;
    if (!destroyed) {
      EXPECT_TRUE(keys->destroy(tenant));
    }
    return read;
  }
  Result<void> destroy(const Key&) override {
    destroyed = true;
    current = Secret::drawn();
    return {};
  }

  TenantKeys* keys = nullptr;
  bool destroyed = false;
  Secret current = Secret::drawn();
};

TEST_F(TenantKeysTest, ASecretThatIsDestroyedWhileItIsReadIsNotKept) {
  auto secrets = std::make_unique<DestroyedMeanwhile>();
  DestroyedMeanwhile& place = *secrets;
  TenantKeys keys({fleet}, std::move(secrets), clock);
  place.keys = &keys;
  const Secret before = first(keys, tenant);
  EXPECT_FALSE(first(keys, tenant) == before);
}

TEST_F(TenantKeysTest, KeepsABoundedNumberOfTenants) {
  TenantKeys keys = made({fleet});
  const auto tenants = static_cast<int>(TenantKeys::kept_max) + 1;
  for (int i = 0; i < tenants; ++i) EXPECT_TRUE(keys.keys_of(key_of(std::to_string(i)), {}));
  EXPECT_EQ(table->reads, tenants);
  EXPECT_TRUE(keys.keys_of(key_of(std::to_string(tenants - 1)), {}));
  EXPECT_EQ(table->reads, tenants) << "the last one is kept";
  EXPECT_TRUE(keys.keys_of(key_of("0"), {}));
  EXPECT_EQ(table->reads, tenants + 1) << "the first one is not";
}

TEST_F(TenantKeysTest, AreUsedFromManyThreads) {
  TenantKeys keys({fleet}, std::make_unique<MemorySecrets>(table));
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const Key one = key_of(std::to_string(i % 10));
        EXPECT_TRUE(keys.keys_of(one, {}));
        if (i % 50 == 0) {
          EXPECT_TRUE(keys.destroy(one));
        }
        keys.doubt(one);
      }
    });
  }
}

}  // namespace
}  // namespace fovea
