#include "tier/rocksdb/disk_limit.h"

#include <gtest/gtest.h>

#include "base/scratch_folder.h"
#include "tier/rocksdb/disk_shares.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace fovea {
namespace {

TEST(DiskLimitTest, IsWhatTheFolderWasOpenedWithLast) {
  const auto folder = ScratchFolder::make("fovea-test");
  ASSERT_TRUE(folder);
  EXPECT_FALSE(disk_limit(folder->path()));
  for (const std::uint64_t mebibytes : {64, 100, 1000, 50'000, 300}) {
    const std::uint64_t bytes = mebibytes << 20;
    ASSERT_TRUE(RocksdbTier::open({.folder = folder->path(), .bytes_max = bytes}));
    const auto limit = disk_limit(folder->path());
    ASSERT_TRUE(limit);
    EXPECT_NEAR(static_cast<double>(*limit), static_cast<double>(bytes), 1000) << mebibytes;
    EXPECT_EQ(DiskShares::of(*limit).files_bytes_max, DiskShares::of(bytes).files_bytes_max) << mebibytes;
  }
}

TEST(DiskLimitTest, LookingIntoTheFolderDoesNotChangeIt) {
  const auto folder = ScratchFolder::make("fovea-test");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(RocksdbTier::open({.folder = folder->path(), .bytes_max = std::uint64_t{1} << 30}));
  ASSERT_TRUE(RocksdbTier::open({.folder = folder->path(), .bytes_max = std::uint64_t{64} << 20, .read_only = true}));
  EXPECT_NEAR(static_cast<double>(*disk_limit(folder->path())), 1024.0 * 1024 * 1024, 1000);
}

}  // namespace
}  // namespace fovea
