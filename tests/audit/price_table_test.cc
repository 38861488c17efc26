#include "audit/price_table.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(PriceTable, EveryPriceSaysWhereAndWhenItIsFrom) {
  const std::string names = price_names();
  std::size_t begin = 0, found = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 2, ++found) {
    end = names.find(", ", begin);
    const auto price = price_of(names.substr(begin, end - begin));
    ASSERT_TRUE(price) << names;
    EXPECT_GT(*price->per_million_answer_tokens, *price->per_million_prompt_tokens);
    EXPECT_TRUE(price->source.contains("2026")) << price->source;
    EXPECT_EQ(price->currency, "USD");
    EXPECT_FALSE(price->per_hour);
  }
  EXPECT_GE(found, 3U);
}

TEST(PriceTable, KnowsNoOtherNames) {
  EXPECT_FALSE(price_of("gpt-2"));
  EXPECT_FALSE(price_of(""));
}

}  // namespace
}  // namespace fovea
