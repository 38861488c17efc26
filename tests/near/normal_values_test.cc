#include "near/normal_values.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(NormalValues, TheLargestOfOneIsTheTwoSidedQuantile) {
  EXPECT_NEAR(largest_of_normal(1, 0.05), 1.960, 0.001);
  EXPECT_NEAR(largest_of_normal(1, 0.01), 2.576, 0.001);
}

TEST(NormalValues, TheLargestOfManyLiesFurther) {
  EXPECT_NEAR(largest_of_normal(1000, 0.01), 4.417, 0.001);
  EXPECT_LT(largest_of_normal(10, 0.01), largest_of_normal(1000, 0.01));
}

}  // namespace
}  // namespace fovea
