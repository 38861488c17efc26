#include "tier/open/open_tiers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "base/scratch_folder.h"
#include "tier/entries.h"
#include "tier/valkey/valkey_server.h"

namespace fovea {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OpenTiersTest : public testing::Test {
 protected:
  OpenTiers open(const std::string& disk_folder) {
    auto opened = OpenTiers::open({.disk_cache = disk_folder, .disk_size = "64MiB"},
                                  [this](std::string_view sentence) { told.emplace_back(sentence); });
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
  std::vector<std::string> told;
};

TEST_F(OpenTiersTest, WhatWasOfferedLastIsOnTheDiskAtTheEnd) {
  const TierEntry entry = test::entry_of("a");
  {
    const OpenTiers tiers = open(folder->path());
    ASSERT_TRUE(tiers.tiers());
    EXPECT_TRUE(tiers.tiers()->front()->offer(RecordKind::embedding, entry));
  }
  const OpenTiers tiers = open(folder->path());
  const auto found =
      tiers.tiers()->front()->find_many(RecordKind::embedding, std::span(&entry.key, 1), test::test_scope(), {});
  EXPECT_TRUE(found.front());
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(OpenTiersTest, ADiskThatCannotBeUsedIsToldAndLeftOut) {
  const OpenTiers tiers = open("/proc/fovea");
  EXPECT_FALSE(tiers.tiers());
  EXPECT_THAT(told, ElementsAre(HasSubstr("/proc/fovea")));
}

TEST_F(OpenTiersTest, ADiskThatAnotherUsesIsReadOnly) {
  const OpenTiers first = open(folder->path());
  const OpenTiers second = open(folder->path());
  EXPECT_TRUE(second.tiers());
  EXPECT_THAT(told, ElementsAre(HasSubstr("another process")));
}

TEST_F(OpenTiersTest, WhatAServerDidNotRemoveInTimeIsTriedUntilTheEnd) {
  test::ValkeyServer server;
  const TierEntry entry = test::entry_of("a");
  const auto tell = [](std::string_view) {};
  const auto key_file = folder->path() / "fleet.key";
  std::ofstream(key_file) << std::string(64, '7');
  const TierSettings flags{.shared = server.address(), .fleet_key_file = key_file};
  {
    const auto ending = OpenTiers::open(flags, tell);
    ASSERT_TRUE(ending) << ending.error().message;
    TierLane& lane = *ending->tiers()->front();
    ASSERT_TRUE(lane.offer(RecordKind::embedding, entry));
    ASSERT_TRUE(lane.wait_until_written(std::chrono::steady_clock::now() + std::chrono::seconds(10)));
    server.stop();
    lane.erase(RecordKind::embedding, std::span(&entry.key, 1));
    ASSERT_EQ(lane.stats().removals_pending, 1u);
    server.resume();
  }
  const auto later = OpenTiers::open(flags, tell);
  ASSERT_TRUE(later);
  TierLane& lane = *later->tiers()->front();
  EXPECT_FALSE(lane.find_many(RecordKind::embedding, std::span(&entry.key, 1), test::test_scope(), {}).front());
  EXPECT_EQ(lane.stats().use[0].misses, 1u) << "it was asked";
}

TEST_F(OpenTiersTest, NoFlagsAreNoTiers) {
  const auto none = OpenTiers::open({}, [](std::string_view) {});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->tiers());
}

TEST_F(OpenTiersTest, TooLittleIsReportedWithItsFlag) {
  const auto opened =
      OpenTiers::open({.disk_cache = folder->path().string(), .disk_size = "1MiB"}, [](std::string_view) {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, Fault::invalid);
  EXPECT_THAT(opened.error().message, HasSubstr("--disk-size: "));
}

}  // namespace
}  // namespace fovea
