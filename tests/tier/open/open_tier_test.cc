#include "tier/open/open_tier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/scratch_folder.h"
#include "tier/entries.h"

namespace fovea {
namespace {

using testing::StartsWith;

constexpr std::uint64_t mebi = 1 << 20;

TEST(OpenTierTest, ADiskIsOpenedToBeWrittenOrOnlyToBeRead) {
  const auto folder = ScratchFolder::make("fovea-test");
  ASSERT_TRUE(folder);
  const DiskSettings settings{folder->path() / "disk", 64 * mebi};
  EXPECT_EQ(open_disk_tier(settings, true).error().fault, Fault::not_found);
  const TierEntry entry = test::entry_of("a");
  {
    const auto tier = open_disk_tier(settings);
    ASSERT_TRUE(tier) << tier.error().message;
    EXPECT_TRUE((*tier)->insert(RecordKind::embedding, entry));
  }
  const auto tier = open_disk_tier(settings, true);
  ASSERT_TRUE(tier) << tier.error().message;
  const auto found = (*tier)->find_many(RecordKind::embedding, std::span(&entry.key, 1), {});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->front());
}

TEST(OpenTierTest, WhatIsWrongIsReportedWithItsFlag) {
  const auto small = open_disk_tier({"/nowhere", mebi});
  ASSERT_FALSE(small);
  EXPECT_EQ(small.error().fault, Fault::invalid);
  EXPECT_THAT(small.error().message, StartsWith("--disk-size: "));
  const auto no_key = open_shared_tier({.shared = "valkey://localhost", .fleet_key_file = "/nowhere"});
  ASSERT_FALSE(no_key);
  EXPECT_THAT(no_key.error().message, StartsWith("--fleet-key-file: "));
  const auto folder = ScratchFolder::make("fovea-test");
  ASSERT_TRUE(folder);
  const std::string key = folder->path() / "fleet.key";
  std::ofstream(key) << std::string(64, 'a');
  const auto wrong = open_shared_tier({.shared = "http://localhost", .fleet_key_file = key});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fault, Fault::invalid);
  EXPECT_THAT(wrong.error().message, StartsWith("--shared: "));
  EXPECT_TRUE(open_shared_tier({.shared = "valkey://localhost:1", .fleet_key_file = key})) << "need not run yet";
}

}  // namespace
}  // namespace fovea
