#include "profile/device_counters.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(DeviceCounters, CountOrSayWhyNot) {
  const DeviceCounters counters;
  const auto before = counters.read();
  volatile double sum = 0;
  for (int i = 0; i < 100'000; ++i) sum = sum + i;
  const auto after = counters.read();
  EXPECT_GE(after.processor_ms, before.processor_ms);
  EXPECT_EQ(counters.why_not().empty(), after.counts.has_value());
  if (after.counts) {
    EXPECT_GT((*after.counts)[0], (*before.counts)[0]);
  }
}

TEST(DeviceCounters, UseIsWhatGrewInBetween) {
  const DeviceUse use = use_between({.wall_ms = 100, .processor_ms = 50, .counts = {{1000, 500, 7}}},
                                    {.wall_ms = 300, .processor_ms = 350, .counts = {{5000, 1500, 407}}});
  EXPECT_DOUBLE_EQ(use.processors, 1.5);
  EXPECT_DOUBLE_EQ(use.instructions_per_cycle.value(), 4);
  EXPECT_DOUBLE_EQ(use.cache_misses_per_ms.value(), 2);
}

TEST(DeviceCounters, WithoutCountsThereIsOnlyTime) {
  const DeviceUse use = use_between({.wall_ms = 0, .processor_ms = 0, .counts = {}},
                                    {.wall_ms = 10, .processor_ms = 20, .counts = {{1, 1, 1}}});
  EXPECT_DOUBLE_EQ(use.processors, 2);
  EXPECT_FALSE(use.instructions_per_cycle);
  EXPECT_FALSE(use.cache_misses_per_ms);
}

}  // namespace
}  // namespace fovea
