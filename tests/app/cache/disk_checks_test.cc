#include "app/cache/disk_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <format>
#include <fstream>

#include "base/scratch_folder.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace fovea::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mebi = 1 << 20;

class DiskChecksTest : public testing::Test {
 protected:
  // The findings' sentences, one a line; those that are not ok begin with their grade.
  std::string check(const fs::path& path, std::uint64_t limit = 64 * mebi) const {
    std::string text;
    for (const Finding& finding : check_folder(path, limit)) {
      if (finding.grade != Grade::ok) text += std::format("{}: ", to_string(finding.grade));
      text += finding.what + '\n';
    }
    return text;
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
};

using testing::HasSubstr;
using testing::Not;

TEST_F(DiskChecksTest, AFolderThatIsNotThereYet) {
  const fs::path disk = folder->path() / "a" / "b";
  const std::string text = check(disk);
  EXPECT_THAT(text, HasSubstr("is not there yet, and can be made\n"));
  EXPECT_THAT(text, Not(HasSubstr("wrong: ")));
  EXPECT_FALSE(fs::exists(disk)) << "a doctor changes nothing";
}

TEST_F(DiskChecksTest, AFolderInUse) {
  const auto tier = RocksdbTier::open({.folder = folder->path(), .bytes_max = 64 * mebi});
  ASSERT_TRUE(tier);
  fs::create_directory(folder->path() / "v0");
  const std::string text = check(folder->path());
  EXPECT_THAT(text, HasSubstr("can be written\n"));
  EXPECT_THAT(text, HasSubstr("format v1, this program's\n"));
  EXPECT_THAT(text, HasSubstr("warning: format v0, another version's, takes 0 B\n"));
  EXPECT_THAT(text, HasSubstr("of 64.0 MiB; "));
}

TEST_F(DiskChecksTest, MoreThanTheFileSystemHas) {
  EXPECT_THAT(check(folder->path(), std::uint64_t{1} << 50), HasSubstr("warning: uses 0 B of 1024.0 TiB; "));
}

TEST_F(DiskChecksTest, WhatCannotBeWritten) {
  std::ofstream(folder->path() / "file") << "no folder";
  EXPECT_THAT(check(folder->path() / "file" / "disk"), HasSubstr("wrong: '"));
  if (::geteuid() == 0) GTEST_SKIP() << "root writes everywhere";
  fs::permissions(folder->path(), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_THAT(check(folder->path()), HasSubstr("cannot be written: Permission denied"));
  fs::permissions(folder->path(), fs::perms::owner_all);
}

}  // namespace
}  // namespace fovea::app
