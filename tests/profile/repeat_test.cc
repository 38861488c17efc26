#include "profile/repeat.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(Repeat, TheMedianIsInTheMiddle) {
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({4, 1, 3, 100}), 3.5);
}

TEST(Repeat, AMeasurementIsRepeatedSoOften) {
  double next = 0;
  const auto middle = median_of({.times_max = 5, .ms_max = 1e9}, [&]() -> Result<double> { return ++next; });
  EXPECT_EQ(middle.value(), 3);
  EXPECT_EQ(next, 5);
}

TEST(Repeat, WithoutTimeItIsMadeOnce) {
  int times = 0;
  const auto once = median_of({.times_max = 5, .ms_max = 0}, [&]() -> Result<double> { return ++times; });
  EXPECT_EQ(once.value(), 1);
  EXPECT_EQ(times, 1);
}

TEST(Repeat, TheFirstFaultEndsIt) {
  int times = 0;
  const auto failed = median_of({.times_max = 5, .ms_max = 1e9}, [&]() -> Result<double> {
    if (++times == 2) return fail(Fault::cancelled, "stopped");
    return 1.0;
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().fault, Fault::cancelled);
  EXPECT_EQ(times, 2);
}

}  // namespace
}  // namespace fovea
