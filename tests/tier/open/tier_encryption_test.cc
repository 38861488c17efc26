#include "tier/open/tier_encryption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/scratch_folder.h"
#include "tier/entries.h"
#include "tier/open/open_tiers.h"

namespace fovea {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using enum RecordKind;

class TierEncryptionTest : public testing::Test {
 protected:
  void SetUp() override { write_keys({std::string(64, 'a')}); }
  void write_keys(const std::vector<std::string>& keys) {
    std::ofstream file(key_file);
    for (const std::string& key : keys) file << key << "\n";
  }
  TierSettings flags(bool encrypts) {
    return {.disk_cache = folder->path() / "disk",
            .disk_size = "64MiB",
            .fleet_key_file = encrypts ? key_file : "",
            .encrypt_tiers = encrypts};
  }
  Result<OpenTiers> open(const TierSettings& wanted) {
    return OpenTiers::open(wanted, [this](std::string_view sentence) { told.emplace_back(sentence); });
  }
  bool finds(const OpenTiers& tiers) {
    return tiers.tiers()
        ->front()
        ->find_many(embedding, std::span(&entry.key, 1), test::test_scope(), {})
        .front()
        .has_value();
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
  const std::string key_file = folder->path() / "fleet.key";
  const TierEntry entry = test::entry_of("a");
  std::vector<std::string> told;
};

TEST_F(TierEncryptionTest, ADiskIsReadWithItsKeysAlone) {
  const auto store = [&](const TierSettings& wanted) {
    const auto tiers = open(wanted);
    ASSERT_TRUE(tiers) << tiers.error().message;
    EXPECT_TRUE(tiers->tiers()->front()->offer(embedding, entry));
  };
  store(flags(true));
  EXPECT_TRUE(finds(*open(flags(true))));
  EXPECT_FALSE(finds(*open(flags(false)))) << "who does not encrypt";
  write_keys({std::string(64, 'b'), std::string(64, 'a')});
  EXPECT_TRUE(finds(*open(flags(true)))) << "while the fleet's key is changed";
  write_keys({std::string(64, 'b')});
  EXPECT_FALSE(finds(*open(flags(true)))) << "and when it is";
  store(flags(true));
  std::filesystem::remove_all(folder->path() / "disk" / "secrets-v1");
  EXPECT_FALSE(finds(*open(flags(true)))) << "the tenants' secrets are gone";
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(TierEncryptionTest, ADiskWhoseSecretsCannotLieAnywhereIsLeftOut) {
  std::filesystem::create_directories(folder->path() / "disk");
  std::ofstream(folder->path() / "disk" / "secrets-v1") << "a file";
  const auto tiers = open(flags(true));
  ASSERT_TRUE(tiers);
  EXPECT_FALSE(tiers->tiers()) << "rather than in the clear";
  EXPECT_THAT(told, testing::ElementsAre(HasSubstr("no disk cache: the tenants' secrets")));
}

TEST_F(TierEncryptionTest, FlagsThatDoNothingAreRefused) {
  TierSettings nothing_kept = flags(true);
  nothing_kept.disk_cache.clear();
  TierSettings no_use = flags(true);
  no_use.encrypt_tiers = false;
  TierSettings no_file = flags(true);
  no_file.fleet_key_file = "/nowhere";
  TierSettings no_key = flags(true);
  no_key.fleet_key_file.clear();
  EXPECT_THAT(open(nothing_kept).error().message, StartsWith("--encrypt-tiers: "));
  EXPECT_THAT(open(no_use).error().message, StartsWith("--fleet-key-file: "));
  EXPECT_THAT(open(no_file).error().message, StartsWith("--fleet-key-file: "));
  EXPECT_EQ(open(no_key).error().message, "--encrypt-tiers: name the file of the secret by --fleet-key-file");
}

TEST_F(TierEncryptionTest, BesideASharedTierTheSecretsLieThere) {
  TierSettings both = flags(true);
  both.shared = "valkey://127.0.0.1:1";  // nobody is there
  const auto tiers = open(both);
  ASSERT_TRUE(tiers) << tiers.error().message;
  EXPECT_EQ(tiers->tiers()->size(), 2u);
  EXPECT_FALSE(std::filesystem::exists(folder->path() / "disk" / "secrets-v1"));
  tiers->tiers()->front()->offer(embedding, entry);
  EXPECT_TRUE(tiers->tiers()->front()->flush(std::chrono::steady_clock::now() + std::chrono::seconds(10)));
  EXPECT_EQ(tiers->tiers()->front()->stats().use.front().written, 0u) << "without a secret nothing is written";
}

}  // namespace
}  // namespace fovea
