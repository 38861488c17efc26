#include "tier/rocksdb/disk_shares.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fovea {
namespace {

constexpr std::uint64_t mebi = 1 << 20, gibi = std::uint64_t{1} << 30;

TEST(DiskSharesTest, AllTogetherStayWithinTheBytes) {
  for (const std::uint64_t bytes_max : {DiskShares::bytes_min, gibi, 10 * gibi, 100 * gibi, 4096 * gibi}) {
    const DiskShares shares = DiskShares::of(bytes_max);
    const std::uint64_t file = shares.buffer_bytes + shares.value_bytes_max;
    // FIFO exceeds its bound by the file that was made last.
    EXPECT_LE(shares.files_bytes_max + file + 2 * shares.log_bytes_max + bytes_max / 25, bytes_max);
    EXPECT_GE(shares.files_bytes_max, bytes_max / 4 * 3) << "and use most of them";
    EXPECT_LE(shares.rescue_bytes + file, shares.files_bytes_max) << "what is alive is rescued before its file goes";
    EXPECT_LT(shares.live_bytes_max, shares.rescue_bytes) << "or all of it would be written again and again";
    EXPECT_GE(shares.live_bytes_max, bytes_max / 10 * 6);
  }
}

TEST(DiskSharesTest, ALargeDiskHasFewFiles) {
  const DiskShares shares = DiskShares::of(100 * gibi);
  EXPECT_LE(shares.files_bytes_max / shares.buffer_bytes, 400u);
}

TEST(DiskSharesTest, TheLogIsReplayedInLessThanASecond) {
  EXPECT_LE(DiskShares::of(100 * gibi).log_bytes_max, 200 * mebi);
}

TEST(DiskSharesTest, ThePrefixOfALargePictureFitsTheDiskThatNobodyAskedFor) {
  EXPECT_GT(DiskShares::of(2 * gibi).value_bytes_max, 48 * mebi);
}

}  // namespace
}  // namespace fovea
