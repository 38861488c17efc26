#include "audit/prompts/names.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(Names, AreNumberedAsTheyCome) {
  Names names;
  EXPECT_EQ(names.number("shop"), 0U);
  EXPECT_EQ(names.number(""), 1U);
  EXPECT_EQ(names.number("shop"), 0U);
  EXPECT_EQ(names.name(0), "shop");
  EXPECT_EQ(names.name(1), "");
  EXPECT_EQ(names.size(), 2U);
}

TEST(Names, BeyondTheBoundShareOne) {
  Names names;
  for (std::uint32_t i = 0; i < Names::names_max + 100; ++i) names.number(std::to_string(i));
  EXPECT_EQ(names.size(), Names::names_max);
  EXPECT_EQ(names.number("one more"), Names::names_max - 1);
  EXPECT_EQ(names.name(Names::names_max - 1), Names::others);
  EXPECT_EQ(names.number("7"), 7U);
}

}  // namespace
}  // namespace fovea
