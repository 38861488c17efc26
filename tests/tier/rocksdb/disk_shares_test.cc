#include "tier/rocksdb/disk_shares.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

constexpr std::uint64_t mebi = 1 << 20, gibi = std::uint64_t{1} << 30;

TEST(DiskSharesTest, AllTogetherStayWithinTheBytes) {
  for (const std::uint64_t bytes_max : {DiskShares::bytes_min, gibi, 10 * gibi, 100 * gibi, 4096 * gibi}) {
    const DiskShares shares = DiskShares::of(bytes_max);
    std::uint64_t most = 2 * shares.log_bytes_max;
    for (const DiskShares::Family& family : shares.families) {
      // FIFO lets a family exceed its bound by the file that was made last.
      most += family.files_bytes_max + std::max(family.buffer_bytes, family.value_bytes_max);
      EXPECT_GT(family.files_bytes_max, 4 * family.buffer_bytes) << "the oldest file is a small part";
    }
    EXPECT_LE(most, bytes_max);
    EXPECT_GE(most, bytes_max / 10 * 8) << "and use most of them";
  }
}

TEST(DiskSharesTest, AFamilyOfALargeDiskHasFewFiles) {
  const DiskShares::Family embeddings = DiskShares::of(100 * gibi).families[0];
  EXPECT_LE(embeddings.files_bytes_max / embeddings.buffer_bytes, 400u);
}

TEST(DiskSharesTest, TheLogIsReplayedInLessThanASecond) {
  EXPECT_LE(DiskShares::of(100 * gibi).log_bytes_max, 200 * mebi);
}

}  // namespace
}  // namespace fovea
