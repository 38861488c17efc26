#include "store/value/element_type.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace fovea {
namespace {

TEST(ElementType, EveryTypeHasANameAndASize) {
  std::set<std::string_view> names;
  for (std::size_t i = 1; i <= element_types; ++i) {
    const auto type = static_cast<ElementType>(i);
    EXPECT_GT(element_bytes(type), 0u) << i;
    EXPECT_EQ(element_type_of(to_string(type)), type);
    names.insert(to_string(type));
  }
  EXPECT_EQ(names.size(), element_types);
}

TEST(ElementType, KnowsTheSizesThatItsNamesSay) {
  using enum ElementType;
  EXPECT_EQ(element_bytes(boolean), 1u);
  EXPECT_EQ(element_bytes(bfloat16), 2u);
  EXPECT_EQ(element_bytes(float32), 4u);
  EXPECT_EQ(element_bytes(int64), 8u);
  EXPECT_EQ(element_bytes(complex128), 16u);
  EXPECT_EQ(element_bytes(float8_e5m2), 1u);
}

TEST(ElementType, WhatIsNoneHasNoSize) {
  for (const int number : {0, 18, 255}) {
    EXPECT_EQ(element_bytes(static_cast<ElementType>(number)), 0u) << number;
    EXPECT_EQ(to_string(static_cast<ElementType>(number)), "unknown") << number;
  }
  EXPECT_FALSE(element_type_of("unknown"));
  EXPECT_FALSE(element_type_of("float"));
  EXPECT_FALSE(element_type_of(""));
}

}  // namespace
}  // namespace fovea
