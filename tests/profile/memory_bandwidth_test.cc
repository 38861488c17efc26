#include "profile/memory_bandwidth.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

// The function itself checks that memory was copied.
TEST(MemoryBandwidth, IsSomething) {
  for (const std::uint32_t threads : {1U, 3U}) {
    const BandwidthAt at = measure_bandwidth(threads, 10'001);
    EXPECT_EQ(at.threads, threads);
    EXPECT_GT(at.bytes_per_ms, 0);
  }
}

TEST(MemoryBandwidth, MoreThreadsThanNumbersHaveNothingToDo) { EXPECT_GT(measure_bandwidth(5, 2).bytes_per_ms, 0); }

}  // namespace
}  // namespace fovea
