// Budgets as users write them.
#include "replay/budget_plan.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(ParseCapacity, SizesAndSharesOfTheWorkingSet) {
  EXPECT_EQ(parse_capacity("512MiB", 1), 512u << 20);
  EXPECT_EQ(parse_capacity("10%", 2000), 200u);
  EXPECT_EQ(parse_capacity("0.05%", 2000), 1u);
  EXPECT_EQ(parse_capacity("250%", 2000), 5000u);
  for (const char* text : {"", "%", "x%", "10 %", "-1%", "0%", "nan%", "inf%", "1e6%", "10%%", "ten", "-1B", "nan"})
    EXPECT_FALSE(parse_capacity(text, 2000)) << text;
}

// However large the trace: the budgets of all levels together are still a number.
TEST(ParseCapacity, NothingOverflows) {
  const auto most = parse_capacity("100000%", UINT64_MAX);
  ASSERT_TRUE(most);
  EXPECT_EQ(*most, 1ULL << 62);
  const auto plan = parse_split("embedding=8e18,prefix=100000%,response=8000000TiB", UINT64_MAX);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->total_bytes(), 3 * (1ULL << 62));
}

TEST(ParseSplit, ABudgetForEachLevelNamed) {
  const auto plan = parse_split("response=50%,embedding=1KiB", 2000);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->budget_of, (std::array<std::uint8_t, trace_levels>{0, 1, 2}));
  EXPECT_EQ(plan->bytes_max, (std::vector<std::uint64_t>{1024, 0, 1000})) << "a level not named stores nothing";
  for (const char* text :
       {"", "embedding", "embedding=", "=1KiB", "disk=1KiB", "embedding=1KiB,", "embedding=1KiB,embedding=2KiB"})
    EXPECT_FALSE(parse_split(text, 2000)) << text;
}

}  // namespace
}  // namespace fovea
