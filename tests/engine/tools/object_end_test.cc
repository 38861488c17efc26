#include "engine/tools/object_end.h"

#include <gtest/gtest.h>

#include <string_view>

namespace fovea {
namespace {

// How many characters of `text` the object has; 0 if it does not end.
std::size_t end_of(std::string_view text) {
  ObjectEnd object;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (object.take(text[i])) return i + 1;
  }
  return 0;
}

TEST(ObjectEnd, CountsBracketsOutsideOfStrings) {
  EXPECT_EQ(end_of("{}}"), 2U);
  EXPECT_EQ(end_of(R"({"a":[{"b":{}}]} x)"), 16U);
  EXPECT_EQ(end_of(R"({"}":"\"}{["}})"), 13U);
  EXPECT_EQ(end_of(R"({"a":"\\"}})"), 10U);
  EXPECT_EQ(end_of(R"({"a":"}")"), 0U);
}

}  // namespace
}  // namespace fovea
