#include "engine/llama/grammar/schema/tagged_properties.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

TEST(TaggedProperties, StringsArePlainTextAndOthersJson) {
  GbnfRules rules;
  const auto schema = nlohmann::ordered_json::parse(
      R"({"properties":{"any":{"type":"string"},"one":{"enum":["x","y"]},"count":{"type":"integer"},
          "day":{"format":"date","type":"string"},"short":{"type":"string","maxLength":3},
          "code":{"$ref":"#/$defs/code"}},"required":["one"],"$defs":{"code":{"type":"string","pattern":"^a+$"}}})");
  const auto read = tagged_properties(rules, schema, 1000);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 6U);
  const auto& all = *read;
  EXPECT_EQ(all[0].value, "");
  EXPECT_TRUE(all[0].is_text);
  EXPECT_FALSE(all[0].required);
  EXPECT_EQ(all[1].value, R"(( "x" | "y" ))");
  EXPECT_TRUE(all[1].required);
  EXPECT_EQ(all[2].value, "integer");
  EXPECT_FALSE(all[2].is_text);
  EXPECT_EQ(all[3].value, "date");
  EXPECT_EQ(all[4].value, "[^<]{0,3}");
  EXPECT_TRUE(all[5].value.contains("{1,}")) << all[5].value;
}

TEST(TaggedProperties, WhatCannotStandBetweenTagsIsRefused) {
  for (const char* text : {R"({"properties":{"a":{"enum":["<b>"]}}})", R"({"properties":{"a>":{}}})",
                           R"({"properties":{},"required":["a"]})", R"({"properties":{},"maxProperties":1})"}) {
    GbnfRules rules;
    const auto schema = nlohmann::ordered_json::parse(text);
    const auto read = tagged_properties(rules, schema, 1000);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().fault, Fault::unsupported) << text;
  }
}

}  // namespace
}  // namespace fovea::llama
