// check() ends the process when an invariant is broken, and says which and where.
#include "base/check.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(CheckDeathTest, ABrokenInvariantEndsTheProcessWithItsSentence) {
  check(true, "one is one");
  EXPECT_DEATH(check(false, "one is two"), "broken invariant: one is two .*check_test.cc");
}

}  // namespace
}  // namespace fovea
