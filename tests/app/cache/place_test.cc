#include "app/cache/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/scratch_folder.h"
#include "tier/entries.h"
#include "tier/open/open_tier.h"

namespace fovea::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t mebi = 1 << 20;

class PlaceTest : public testing::Test {
 protected:
  std::filesystem::path disk() const { return folder->path() / "disk"; }
  TierFlags flags() const { return {.disk_cache = disk()}; }
  void make_disk(std::uint64_t bytes_max = 300 * mebi) const { ASSERT_TRUE(open_disk_tier({disk(), bytes_max})); }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
};

TEST_F(PlaceTest, ADiskKeepsTheLimitThatItHad) {
  make_disk();
  for (const Access access : {Access::look, Access::change, Access::fill}) {
    const auto place = open_place(flags(), access);
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(*place->limit_bytes >> 20, 299u) << "to the next byte";
    EXPECT_NEAR(static_cast<double>(*place->limit_bytes), 300.0 * mebi, 1000);
    EXPECT_FALSE(place->is_others);
    EXPECT_THAT(place->name, HasSubstr(disk().string()));
  }
  TierFlags sized = flags();
  sized.disk_size = "64MiB";
  EXPECT_EQ(open_place(sized, Access::look)->limit_bytes, 64 * mebi);
}

TEST_F(PlaceTest, OnlyFillingMakesAFolder) {
  for (const Access access : {Access::look, Access::change}) {
    const auto place = open_place(flags(), access);
    ASSERT_FALSE(place);
    EXPECT_EQ(place.error().fault, Fault::not_found);
    EXPECT_FALSE(std::filesystem::exists(disk()));
  }
  EXPECT_TRUE(open_place(flags(), Access::fill));
  EXPECT_TRUE(std::filesystem::exists(disk()));
}

TEST_F(PlaceTest, ADamagedFolderIsNotEmptiedByALook) {
  make_disk();
  std::ofstream(disk() / "v1" / "CURRENT", std::ios::trunc) << "nonsense";
  for (const Access access : {Access::look, Access::change, Access::fill}) {
    const auto place = open_place(flags(), access);
    ASSERT_FALSE(place);
    EXPECT_EQ(place.error().fault, Fault::unavailable);
  }
  std::ifstream current(disk() / "v1" / "CURRENT");
  std::string still;
  current >> still;
  EXPECT_EQ(still, "nonsense");
}

TEST_F(PlaceTest, ADiskWhoseSecretsLieElsewhereIsRefused) {
  make_disk();
  const auto key = folder->path() / "fleet.key";
  std::ofstream(key) << std::string(64, 'a') << "\n";
  TierFlags encrypted = flags();
  encrypted.encrypt_tiers = true;
  encrypted.fleet_key_file = key;
  const auto refused = open_place(encrypted, Access::change);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("name that with --shared"));
  EXPECT_FALSE(std::filesystem::exists(disk() / "secrets-v1"));
  std::filesystem::create_directory(disk() / "secrets-v1");
  std::filesystem::permissions(disk() / "secrets-v1", std::filesystem::perms::owner_all);
  const auto opened = open_place(encrypted, Access::change);
  EXPECT_TRUE(opened) << opened.error().message;
}

TEST_F(PlaceTest, AFolderThatAnotherHasOpenIsTheirs) {
  const auto other = open_disk_tier({disk(), 300 * mebi});
  ASSERT_TRUE(other);
  EXPECT_TRUE(open_place(flags(), Access::change)->is_others);
  EXPECT_FALSE(open_place(flags(), Access::look)->is_others);
}

TEST_F(PlaceTest, KindsHaveNames) {
  EXPECT_EQ(kinds_of("").size(), record_kinds);
  EXPECT_THAT(kinds_of("tiling"), ElementsAre(RecordKind::tiling));
  CLI::App verb;
  std::string kind;
  add_kind_flag(verb, kind);
  EXPECT_THROW(verb.parse("--kind colours"), CLI::ParseError);
  CLI::App again;
  add_kind_flag(again, kind);
  again.parse("--kind source_alias");
  EXPECT_EQ(kind, "source_alias");
}

TEST_F(PlaceTest, APlaceIsADiskOrAServer) {
  CLI::App verb;
  TierFlags both;
  add_place_flags(verb, both);
  EXPECT_THROW(verb.parse("--disk-cache d --shared valkey://h --fleet-key-file f"), CLI::ParseError);
  EXPECT_EQ(name_of_place({.shared = "valkey://h"}), "the shared cache valkey://h");
  EXPECT_EQ(name_of_place({.disk_cache = "d"}), "the disk cache 'd'");
  EXPECT_EQ(disk_of_place({.disk_cache = "d"})->bytes_max, std::uint64_t{10} << 30) << "as it would be made";
}

}  // namespace
}  // namespace fovea::app
