// Faults print their names. A failed Result carries its message.
#include "fovea/result.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(Result, CarriesFaultAndMessage) {
  const Result<int> result = fail(Fault::too_large, "The picture is too large.");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().fault, Fault::too_large);
  EXPECT_EQ(result.error().message, "The picture is too large.");
}

TEST(Fault, PrintsItsName) {
  EXPECT_EQ(to_string(Fault::invalid), "invalid");
  EXPECT_EQ(to_string(Fault::too_large), "too_large");
  EXPECT_EQ(to_string(Fault::not_found), "not_found");
  EXPECT_EQ(to_string(Fault::internal), "internal");
}

}  // namespace
}  // namespace fovea
