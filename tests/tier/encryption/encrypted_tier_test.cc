// EncryptedTier: over a tier that lies, over real ones, and with keys that change, go away and are destroyed.
#include "tier/encryption/encrypted_tier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/scratch_folder.h"
#include "store/faulty_tier.h"
#include "tier/encryption/encrypted_entry.h"
#include "tier/encryption/memory_secrets.h"
#include "tier/encryption/secret_files.h"
#include "tier/entries.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/secret_table.h"
#include "tier/valkey/valkey_server.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {
namespace {

using test::entry_of;
using test::FaultyTier;
using test::key_of;
using test::MemorySecrets;
using test::SecretsInMemory;
using enum RecordKind;

const SealKey fleet{std::byte{1}}, later_fleet{std::byte{2}};
const Key tenant = key_of("tenant");

bool same_bytes(const Blob& one, const Blob& other) { return std::ranges::equal(one.bytes(), other.bytes()); }

Result<std::vector<std::optional<TierHit>>> find(Tier& tier, const Key& key, RecordKind kind = embedding) {
  return tier.find_many(kind, std::span(&key, 1), {});
}

bool finds(Tier& tier, const TierEntry& entry, RecordKind kind = embedding) {
  const auto found = find(tier, entry.key, kind);
  EXPECT_TRUE(found) << found.error().message;
  if (!found || !found->front()) return false;
  EXPECT_TRUE(same_bytes(found->front()->entry.record, entry.record)) << "another value";
  EXPECT_EQ(found->front()->entry.key, entry.key);
  return true;
}

std::uint64_t undecryptable(const Tier& tier) {
  return tier.doubtful()[static_cast<std::size_t>(RecordFault::wrong_checksum)];
}

class EncryptedTierTest : public testing::Test {
 protected:
  std::shared_ptr<TenantKeys> keys_of(std::vector<SealKey> fleet_keys) {
    return std::make_shared<TenantKeys>(std::move(fleet_keys), std::make_unique<MemorySecrets>(secrets), clock);
  }
  // Over a tier of its own, to which `lies` points.
  EncryptedTier over_faulty(std::vector<SealKey> fleet_keys = {fleet}) {
    auto inner = std::make_unique<FaultyTier>();
    lies = inner.get();
    return {std::move(inner), keys_of(std::move(fleet_keys)), SecretOnPurge::destroyed};
  }

  test::ManualClock clock;
  std::shared_ptr<SecretsInMemory> secrets = std::make_shared<SecretsInMemory>();
  FaultyTier* lies = nullptr;
};

TEST_F(EncryptedTierTest, LiesUnderAnotherKey) {
  EncryptedTier tier = over_faulty();
  const TierEntry entry = entry_of("a");
  ASSERT_TRUE(tier.insert(embedding, entry));
  EXPECT_FALSE(lies->holds(embedding, entry.key));
  EXPECT_TRUE(lies->holds(embedding, encrypted_key(entry.key)));
  EXPECT_TRUE(finds(tier, entry));
  EXPECT_FALSE(finds(*lies, entry)) << "who does not encrypt finds no ciphertext";
}

TEST_F(EncryptedTierTest, WhatDoesNotDecryptIsAMissCountedAndRemoved) {
  EncryptedTier tier = over_faulty();
  const TierEntry entry = entry_of("a");
  ASSERT_TRUE(tier.insert(embedding, entry));
  secrets->secrets.clear();  // as a server that evicted it
  clock.pass(TenantKeys::kept_ms);
  EXPECT_FALSE(finds(tier, entry));
  EXPECT_EQ(undecryptable(tier), 1u);
  EXPECT_FALSE(lies->holds(embedding, encrypted_key(entry.key)));
  ASSERT_TRUE(tier.insert(embedding, entry));
  EXPECT_TRUE(finds(tier, entry));
}

TEST_F(EncryptedTierTest, ExchangedEntriesAreMisses) {
  EncryptedTier tier = over_faulty();
  TierEntry of_another = entry_of("b", 2);
  of_another.tenant = key_of("another tenant");
  const TierEntry entry = entry_of("a"), same_tenant = entry_of("c", 3);
  for (const TierEntry& one : {entry, of_another, same_tenant}) ASSERT_TRUE(tier.insert(embedding, one));
  ASSERT_TRUE(lies->give(embedding, encrypted_key(entry.key), embedding, encrypted_key(of_another.key)));
  EXPECT_FALSE(finds(tier, entry));
  ASSERT_TRUE(lies->give(embedding, encrypted_key(entry.key), embedding, encrypted_key(same_tenant.key)));
  EXPECT_FALSE(finds(tier, entry));
  EXPECT_TRUE(finds(tier, of_another));
}

// Who can write to a disk computes seals and checksums, since those are without a key.
TEST_F(EncryptedTierTest, WhoForgesEntriesIsNotBelieved) {
  EncryptedTier tier = over_faulty();
  const TierEntry entry = entry_of("a"), other = entry_of("b", 2);
  ASSERT_TRUE(tier.insert(embedding, entry));
  ASSERT_TRUE(tier.insert(embedding, other));
  const auto forge = [&](const auto& change) {
    TierEntry forged = find(*lies, encrypted_key(other.key)).value().front()->entry;
    forged.key = encrypted_key(entry.key);
    change(forged);
    ASSERT_TRUE(lies->insert(embedding, forged));
    EXPECT_FALSE(finds(tier, entry));
  };
  forge([](TierEntry&) {});
  forge([](TierEntry& forged) { forged.tenant = key_of("another tenant"); });
  forge([&](TierEntry& forged) { forged.record = other.record; });
  forge([](TierEntry& forged) { forged.images.clear(); });
  EXPECT_EQ(undecryptable(tier), 4u);
}

TEST_F(EncryptedTierTest, FlippedBitsAreMisses) {
  EncryptedTier tier = over_faulty();
  const TierEntry entry = entry_of("a", 1, 50);
  for (std::size_t bit = 0; bit < 4000; bit += 7) {
    ASSERT_TRUE(tier.insert(embedding, entry));
    ASSERT_TRUE(lies->flip(embedding, encrypted_key(entry.key), bit));
    EXPECT_FALSE(finds(tier, entry)) << bit;
  }
}

// An erasure waits for replicas, or for who writes to the disk.
TEST_F(EncryptedTierTest, ALookUpThatDoubtsErasesNothingThatItWouldWaitFor) {
  EncryptedTier tier = over_faulty();
  const TierEntry entry = entry_of("a", 1, 100, prefix);
  const auto spoil = [&] {
    ASSERT_TRUE(tier.insert(prefix, entry));
    secrets->secrets.erase(tenant);
    clock.pass(TenantKeys::kept_ms);
  };
  spoil();
  EXPECT_FALSE(finds(tier, entry, prefix));
  EXPECT_FALSE(lies->holds(prefix, encrypted_key(entry.key))) << "it is removed all the same";
  spoil();
  EXPECT_FALSE(tier.find_last(prefix, std::span(&entry.key, 1), {}).value());
  EXPECT_FALSE(lies->holds(prefix, encrypted_key(entry.key)));
  EXPECT_EQ(undecryptable(tier), 2u);
  EXPECT_EQ(lies->calls(FaultyTier::Call::erase), 0);
}

TEST_F(EncryptedTierTest, TheLastThatDecryptsIsFound) {
  EncryptedTier tier = over_faulty();
  TierEntry last = entry_of("c", 3, 100, prefix);
  last.tenant = key_of("another tenant");
  for (const TierEntry& entry : {entry_of("a", 1, 100, prefix), entry_of("b", 2, 100, prefix), last})
    ASSERT_TRUE(tier.insert(prefix, entry));
  const Key keys[] = {key_of("a"), key_of("b"), key_of("c"), key_of("d")};
  EXPECT_EQ(tier.find_last(prefix, keys, {}).value()->index, 2u);
  secrets->secrets.erase(last.tenant);
  clock.pass(TenantKeys::kept_ms);
  const auto found = tier.find_last(prefix, keys, {});
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->index, 1u);
  EXPECT_EQ((*found)->hit.entry.key, key_of("b"));
  EXPECT_EQ(undecryptable(tier), 1u);
}

TEST_F(EncryptedTierTest, WithoutItsKeyAnEntryIsUnavailableAndStays) {
  EncryptedTier tier = over_faulty();
  TierEntry of_another = entry_of("b");
  of_another.tenant = key_of("another tenant");
  ASSERT_TRUE(tier.insert(embedding, entry_of("a")));
  ASSERT_TRUE(tier.insert(embedding, of_another));
  clock.pass(TenantKeys::kept_ms);
  EXPECT_TRUE(finds(tier, of_another)) << "reads the other's key again";
  secrets->is_away = true;
  EXPECT_EQ(find(tier, key_of("a")).error().fault, Fault::unavailable);
  EXPECT_EQ(tier.find_last(embedding, std::vector{key_of("a")}, {}).error().fault, Fault::unavailable);
  EXPECT_EQ(tier.insert(embedding, entry_of("a")).error().fault, Fault::unavailable);
  EXPECT_EQ(tier.keys(embedding, "", {}).error().fault, Fault::unavailable);
  EXPECT_FALSE(find(tier, key_of("never there")).value().front()) << "a miss needs no key";
  const Key both[] = {key_of("a"), key_of("b")};
  const auto found = tier.find_many(embedding, both, {});
  ASSERT_TRUE(found) << "one of them has its key";
  EXPECT_FALSE((*found)[0]);
  EXPECT_TRUE((*found)[1]);
  secrets->is_away = false;
  EXPECT_TRUE(finds(tier, entry_of("a")));
  EXPECT_EQ(undecryptable(tier), 0u);
}

TEST_F(EncryptedTierTest, TheFleetsKeyIsChangedWithoutALoss) {
  auto inner = std::make_shared<FaultyTier>();
  const TierEntry entry = entry_of("a");
  // A process after the other, over what lies in the same tier.
  const auto with = [&](std::vector<SealKey> fleet_keys, const auto& use) {
    auto fresh = std::make_unique<FaultyTier>();
    lies = fresh.get();
    const Tier::KeyPage before = inner->keys(embedding, "", {}).value();
    for (const Key& stored : before.keys)
      ASSERT_TRUE(lies->insert(embedding, find(*inner, stored).value().front()->entry));
    EncryptedTier tier(std::move(fresh), keys_of(std::move(fleet_keys)), SecretOnPurge::destroyed);
    use(tier);
    const Tier::KeyPage after = lies->keys(embedding, "", {}).value();
    for (const Key& stored : after.keys)
      ASSERT_TRUE(inner->insert(embedding, find(*lies, stored).value().front()->entry));
  };
  with({fleet}, [&](Tier& tier) { EXPECT_TRUE(tier.insert(embedding, entry)); });
  with({later_fleet, fleet}, [&](Tier& tier) {
    EXPECT_TRUE(finds(tier, entry));
    EXPECT_TRUE(tier.insert(embedding, entry_of("b", 2)));
  });
  with({later_fleet}, [&](Tier& tier) {
    EXPECT_TRUE(finds(tier, entry_of("b", 2)));
    EXPECT_FALSE(finds(tier, entry));
    EXPECT_EQ(undecryptable(tier), 1u);
  });
}

TEST_F(EncryptedTierTest, APurgeOfATenantDestroysItsSecretAndNoOther) {
  EncryptedTier tier = over_faulty();
  TierEntry of_another = entry_of("b");
  of_another.tenant = key_of("another tenant");
  ASSERT_TRUE(tier.insert(embedding, entry_of("a")));
  ASSERT_TRUE(tier.insert(embedding, of_another));
  const Secret before = secrets->secrets.at(tenant);
  ASSERT_TRUE(tier.purge(tenant, key_of("image")));
  EXPECT_TRUE(secrets->secrets.at(tenant) == before) << "a purge of one image";
  ASSERT_TRUE(tier.purge_labels(std::vector{PurgeLabel::of_everything()}));
  EXPECT_TRUE(secrets->secrets.contains(tenant)) << "a purge of everything";
  ASSERT_TRUE(tier.purge(tenant));
  EXPECT_FALSE(secrets->secrets.contains(tenant));
  EXPECT_TRUE(secrets->secrets.contains(of_another.tenant));
}

TEST_F(EncryptedTierTest, APurgeThatDestroysNothingPurgesAllTheSameAndFails) {
  EncryptedTier tier = over_faulty();
  ASSERT_TRUE(tier.insert(embedding, entry_of("a")));
  secrets->is_away = true;
  EXPECT_EQ(tier.purge(tenant).error().fault, Fault::unavailable);
  EXPECT_EQ(lies->calls(FaultyTier::Call::purge), 1);
  secrets->is_away = false;
  EXPECT_TRUE(tier.purge(tenant));
  lies->fail(FaultyTier::Call::purge, Fault::timed_out);
  EXPECT_EQ(tier.purge(tenant).error().fault, Fault::timed_out);
}

TEST_F(EncryptedTierTest, ADiskBesideASharedTierLeavesTheSecretAndReadsItAgain) {
  auto inner = std::make_unique<FaultyTier>();
  const auto keys = keys_of({fleet});
  EncryptedTier disk(std::move(inner), keys, SecretOnPurge::read_again);
  ASSERT_TRUE(disk.insert(embedding, entry_of("a")));
  const Secret before = secrets->secrets.at(tenant);
  const int reads = secrets->reads;
  ASSERT_TRUE(disk.purge(tenant));
  EXPECT_TRUE(secrets->secrets.at(tenant) == before);
  EXPECT_FALSE(finds(disk, entry_of("a")));
  ASSERT_TRUE(disk.insert(embedding, entry_of("a")));
  EXPECT_EQ(secrets->reads, reads + 1);
}

TEST_F(EncryptedTierTest, AStaleKeyIsReadAgainBeforeAnEntryIsDoubted) {
  EncryptedTier tier = over_faulty();
  ASSERT_TRUE(tier.insert(embedding, entry_of("a")));
  // Another process purges the tenant, and stores anew.
  secrets->secrets.erase(tenant);
  const auto elsewhere = keys_of({fleet});
  const TierEntry anew = encrypt_entry(embedding, entry_of("b"), elsewhere->keys_of(tenant, {}).value().front());
  ASSERT_TRUE(lies->insert(embedding, anew));
  clock.pass(TenantKeys::doubted_ms);
  EXPECT_TRUE(finds(tier, entry_of("b")));
  EXPECT_EQ(undecryptable(tier), 0u);
}

TEST_F(EncryptedTierTest, ListsTheRealKeysOfWhatItCanRead) {
  EncryptedTier tier = over_faulty();
  TierEntry unreadable = entry_of("b");
  unreadable.tenant = key_of("another tenant");
  ASSERT_TRUE(tier.insert(embedding, entry_of("a")));
  ASSERT_TRUE(tier.insert(embedding, unreadable));
  ASSERT_TRUE(lies->insert(embedding, entry_of("in the clear")));
  ASSERT_TRUE(tier.keys(embedding, "", {}).value().keys.size() == 2u);
  secrets->secrets.erase(unreadable.tenant);
  clock.pass(TenantKeys::kept_ms);
  EXPECT_EQ(tier.keys(embedding, "", {}).value().keys, std::vector{key_of("a")});
  EXPECT_EQ(undecryptable(tier), 1u);
  EXPECT_TRUE(lies->holds(embedding, encrypted_key(unreadable.key))) << "who lists removes nothing";
}

TEST_F(EncryptedTierTest, LeasesAreOfWhatLiesThere) {
  EncryptedTier tier = over_faulty();
  EXPECT_TRUE(tier.acquire_lease(key_of("a"), std::chrono::milliseconds(1000)).value());
  EXPECT_TRUE(lies->is_leased(encrypted_key(key_of("a"))));
  tier.release_lease(key_of("a"));
  EXPECT_FALSE(lies->is_leased(encrypted_key(key_of("a"))));
}

// What is kept of a disk of which somebody has a copy.
class CopiedDiskTest : public EncryptedTierTest {
 protected:
  std::unique_ptr<Tier> open(std::unique_ptr<TenantSecrets> place, bool encrypts = true) {
    auto disk = RocksdbTier::open({.folder = scratch.path() / "disk", .bytes_max = std::uint64_t{64} << 20});
    EXPECT_TRUE(disk) << disk.error().message;
    if (!encrypts) return std::move(*disk);
    auto keys = std::make_shared<TenantKeys>(std::vector{fleet}, std::move(place));
    return std::make_unique<EncryptedTier>(std::move(*disk), std::move(keys), SecretOnPurge::destroyed);
  }
  std::unique_ptr<Tier> open() { return open(std::make_unique<MemorySecrets>(secrets)); }
  void copy(const char* from, const char* to) {
    std::filesystem::remove_all(scratch.path() / to);
    std::filesystem::copy(scratch.path() / from, scratch.path() / to, std::filesystem::copy_options::recursive);
  }

  const ScratchFolder scratch = ScratchFolder::make("fovea-test").value();
};

TEST_F(CopiedDiskTest, OfATenantThatWasPurgedCannotBeRead) {
  TierEntry of_another = entry_of("b");
  of_another.tenant = key_of("another tenant");
  {
    const auto tier = open();
    ASSERT_TRUE(tier->insert(embedding, entry_of("a")));
    ASSERT_TRUE(tier->insert(embedding, of_another));
  }
  copy("disk", "copy");
  EXPECT_TRUE(open()->purge(tenant));
  copy("copy", "disk");
  const auto tier = open();
  EXPECT_FALSE(finds(*tier, entry_of("a"))) << "its generation is the old one again; its key is gone";
  EXPECT_EQ(undecryptable(*tier), 1u);
  EXPECT_TRUE(finds(*tier, of_another));
}

TEST_F(CopiedDiskTest, WithoutItsFilesOfSecretsCannotBeRead) {
  const auto secrets_folder = scratch.path() / "secrets";
  {
    const auto tier = open(SecretFiles::open(secrets_folder).value());
    ASSERT_TRUE(tier->insert(embedding, entry_of("a")));
  }
  EXPECT_TRUE(finds(*open(SecretFiles::open(secrets_folder).value()), entry_of("a")));
  std::filesystem::remove_all(secrets_folder);
  EXPECT_FALSE(finds(*open(SecretFiles::open(secrets_folder).value()), entry_of("a")));
}

TEST_F(CopiedDiskTest, IsUsedInTheClearAndEncryptedInTurns) {
  const TierEntry clear = entry_of("a", 1), encrypted = entry_of("a", 2), only_clear = entry_of("b");
  {
    const auto tier = open({}, false);
    ASSERT_TRUE(tier->insert(embedding, clear));
    ASSERT_TRUE(tier->insert(embedding, only_clear));
  }
  {
    const auto tier = open();
    EXPECT_FALSE(finds(*tier, only_clear)) << "what is in the clear is not believed";
    ASSERT_TRUE(tier->insert(embedding, encrypted));
    EXPECT_TRUE(finds(*tier, encrypted));
  }
  const auto tier = open({}, false);
  EXPECT_TRUE(finds(*tier, clear));
  EXPECT_EQ(undecryptable(*tier), 0u);
}

TEST_F(CopiedDiskTest, HoldsNothingInTheClear) {
  {
    const auto tier = open();
    ASSERT_TRUE(tier->insert(embedding, entry_of("a", 1, 5000)));
  }
  const Blob record = entry_of("a", 1, 5000).record;
  const std::string_view secret = record.text().substr(record_header_bytes + 1000, 16);
  std::size_t read = 0;
  for (const auto& one : std::filesystem::recursive_directory_iterator(scratch.path() / "disk")) {
    if (!one.is_regular_file()) continue;
    std::ifstream file(one.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    read += bytes.size();
    EXPECT_EQ(bytes.find(secret), std::string::npos) << one.path();
  }
  EXPECT_GT(read, 5000u);
}

// Nodes of a fleet, each with a tier in the same server, whose secrets lie there too.
class FleetTest : public testing::Test {
 protected:
  struct Node {
    std::unique_ptr<Tier> tier;
    std::shared_ptr<TenantKeys> keys;
  };
  Node node() {
    auto shared = ValkeyTier::open({.address = server.address(), .fleet_keys = {fleet}});
    EXPECT_TRUE(shared) << shared.error().message;
    Node node;
    node.keys = std::make_shared<TenantKeys>(std::vector{fleet},
                                             std::make_unique<valkey::SecretTable>((*shared)->shared_client()), clock);
    node.tier = std::make_unique<EncryptedTier>(std::move(*shared), node.keys, SecretOnPurge::destroyed);
    return node;
  }

  test::ValkeyServer server;
  test::ManualClock clock;
};

TEST_F(FleetTest, WhatOneNodeStoresTheOtherFinds) {
  const Node one = node(), other = node();
  for (const std::size_t bytes : {1UL, 150'000UL, 8UL << 20}) {
    const TierEntry entry = entry_of(std::to_string(bytes), bytes, bytes, prefix);
    ASSERT_TRUE(one.tier->insert(prefix, entry));
    EXPECT_TRUE(finds(*other.tier, entry, prefix)) << bytes;
  }
}

TEST_F(FleetTest, APurgeByOneNodeIsOneForAll) {
  const Node one = node(), other = node();
  ASSERT_TRUE(one.tier->insert(embedding, entry_of("a")));
  EXPECT_TRUE(finds(*other.tier, entry_of("a")));
  ASSERT_TRUE(one.tier->purge(tenant));
  EXPECT_FALSE(finds(*other.tier, entry_of("a")));
  ASSERT_TRUE(one.tier->insert(embedding, entry_of("b")));
  clock.pass(TenantKeys::doubted_ms);
  EXPECT_TRUE(finds(*other.tier, entry_of("b"))) << "with the new secret";
}

TEST_F(FleetTest, ADiskOfADeadNodeCannotBeReadAfterAPurge) {
  const ScratchFolder scratch = ScratchFolder::make("fovea-test").value();
  const auto disk_of = [&](const Node& node) {
    auto disk = RocksdbTier::open({.folder = scratch.path(), .bytes_max = std::uint64_t{64} << 20});
    EXPECT_TRUE(disk) << disk.error().message;
    return EncryptedTier(std::move(*disk), node.keys, SecretOnPurge::read_again);
  };
  {
    const Node dies = node();
    EncryptedTier disk = disk_of(dies);
    ASSERT_TRUE(disk.insert(embedding, entry_of("a")));
    EXPECT_TRUE(finds(disk, entry_of("a")));
  }
  ASSERT_TRUE(node().tier->purge(tenant)) << "while that node is down: its disk knows nothing of it";
  const Node again = node();
  EncryptedTier disk = disk_of(again);
  EXPECT_FALSE(finds(disk, entry_of("a")));
  EXPECT_EQ(undecryptable(disk), 1u);
}

TEST_F(FleetTest, ADiskWorksOnForAMinuteWithoutTheServer) {
  const ScratchFolder scratch = ScratchFolder::make("fovea-test").value();
  const Node here = node();
  EncryptedTier disk(RocksdbTier::open({.folder = scratch.path(), .bytes_max = std::uint64_t{64} << 20}).value(),
                     here.keys, SecretOnPurge::read_again);
  ASSERT_TRUE(disk.insert(embedding, entry_of("a")));
  server.kill();
  EXPECT_TRUE(finds(disk, entry_of("a")));
  clock.pass(TenantKeys::kept_ms);
  EXPECT_EQ(find(disk, key_of("a")).error().fault, Fault::unavailable);
  EXPECT_EQ(undecryptable(disk), 0u) << "it stays";
}

}  // namespace
}  // namespace fovea
