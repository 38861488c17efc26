#include "app/flags/tier_flags.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <optional>
#include <string>

namespace fovea::app {
namespace {

constexpr std::uint64_t gibi = std::uint64_t{1} << 30;

class TierFlagsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* cache = std::getenv("XDG_CACHE_HOME")) before = cache;
    setenv("XDG_CACHE_HOME", "/somebodys/cache", 1);
  }
  void TearDown() override { before ? setenv("XDG_CACHE_HOME", before->c_str(), 1) : unsetenv("XDG_CACHE_HOME"); }

  std::optional<std::string> before;
};

TEST_F(TierFlagsTest, OnlyTheVerbsOfAPersonKeepThingsUnasked) {
  const auto server = disk_settings({.disk_default = DiskDefault::none});
  ASSERT_TRUE(server);
  EXPECT_FALSE(*server);
  const auto person = disk_settings({.disk_default = DiskDefault::in_user_cache});
  ASSERT_TRUE(person && *person);
  EXPECT_EQ((*person)->folder, "/somebodys/cache/fovea/disk");
  EXPECT_EQ((*person)->bytes_max, 2 * gibi) << "little, since nobody asked for it";
  const auto off = disk_settings({.disk_default = DiskDefault::in_user_cache, .no_disk = true});
  ASSERT_TRUE(off);
  EXPECT_FALSE(*off);
}

TEST_F(TierFlagsTest, ANamedFolderMayGrow) {
  const auto named = disk_settings({.disk_cache = "/d"});
  ASSERT_TRUE(named && *named);
  EXPECT_EQ((*named)->folder, "/d");
  EXPECT_EQ((*named)->bytes_max, 10 * gibi);
  const auto sized = disk_settings({.disk_cache = "/d", .disk_size = "100GiB"});
  ASSERT_TRUE(sized && *sized);
  EXPECT_EQ((*sized)->bytes_max, 100 * gibi);
}

TEST_F(TierFlagsTest, AWrongSizeIsReportedWithItsFlag) {
  const auto wrong = disk_settings({.disk_cache = "/d", .disk_size = "much"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fault, Fault::invalid);
  EXPECT_TRUE(wrong.error().message.starts_with("--disk-size: ")) << wrong.error().message;
}

TEST_F(TierFlagsTest, WithoutAHomeThereIsNoFolder) {
  const std::string home = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(user_disk_cache(), "/home/somebody/.cache/fovea/disk");
  unsetenv("HOME");
  EXPECT_FALSE(user_disk_cache());
  setenv("HOME", home.c_str(), 1);
}

TEST_F(TierFlagsTest, FlagsThatContradictEachOtherAreRefused) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--no-disk", "--disk-cache", "/d"}, {"--no-disk", "--disk-size", "1GiB"}}) {
    CLI::App verb;
    TierFlags flags{.disk_default = DiskDefault::in_user_cache};
    add_tier_flags(verb, flags);
    EXPECT_THROW(verb.parse(std::vector<std::string>(words.rbegin(), words.rend())), CLI::ParseError);
  }
  CLI::App server;
  TierFlags flags;
  add_tier_flags(server, flags);
  EXPECT_THROW(server.parse(std::vector<std::string>{"1GiB", "--disk-size"}), CLI::ParseError)
      << "a size without a folder says nothing";
}

}  // namespace
}  // namespace fovea::app
