#include "engine/llama/grammar/schema/numbers.h"

#include <gtest/gtest.h>

#include "engine/llama/grammar/integer_range.h"

namespace fovea::llama {
namespace {

using Json = nlohmann::ordered_json;

SchemaRules::Id rule_of(GbnfRules& grammar, const char* schema) {
  SchemaRules rules(grammar, 1000);
  const auto rule = integer_rule(rules, Json::parse(schema), "#");
  EXPECT_FALSE(rules.refusal()) << schema;
  return rule;
}

TEST(Numbers, ABoundBecomesTheNearestWholeNumberThatItAllows) {
  GbnfRules grammar;
  const auto range = [&](std::int64_t least, std::int64_t most) { return grammar.text(integer_range(least, most)); };
  EXPECT_EQ(rule_of(grammar, R"({"minimum":2,"maximum":9})"), range(2, 9));
  EXPECT_EQ(rule_of(grammar, R"({"exclusiveMinimum":2,"exclusiveMaximum":9})"), range(3, 8));
  EXPECT_EQ(rule_of(grammar, R"({"exclusiveMinimum":1.5,"exclusiveMaximum":8.5})"), range(2, 8));
  EXPECT_EQ(rule_of(grammar, R"({"minimum":-1.5,"maximum":1e300})"), range(-1, integer_most));
  EXPECT_EQ(rule_of(grammar, R"({"minimum":-18446744073709551615,"exclusiveMaximum":3.0})"), range(-integer_most, 2));
  EXPECT_EQ(rule_of(grammar, "{}"), GbnfRules::integer);
}

TEST(Numbers, WhatNoGrammarKeepsToIsRefused) {
  GbnfRules grammar;
  for (const char* schema : {R"({"minimum":1e30})", R"({"maximum":-1e30})", R"({"exclusiveMinimum":true})"}) {
    SchemaRules rules(grammar, 1000);
    integer_rule(rules, Json::parse(schema), "#");
    ASSERT_TRUE(rules.refusal()) << schema;
    EXPECT_EQ(rules.refusal()->fault, Fault::unsupported) << schema;
  }
  SchemaRules rules(grammar, 1000);
  EXPECT_EQ(number_rule(rules, Json::parse("{}"), "#"), GbnfRules::number);
  EXPECT_FALSE(rules.refusal());
  number_rule(rules, Json::parse(R"({"maximum":0.5})"), "#");
  ASSERT_TRUE(rules.refusal());
  EXPECT_EQ(rules.refusal()->fault, Fault::unsupported);
}

TEST(Numbers, WhatIsNeitherANumberNorAMarkOfOldSchemasIsWrong) {
  GbnfRules grammar;
  for (const auto rule : {number_rule, integer_rule}) {
    for (const Unkept unkept : {Unkept::refused, Unkept::passed_over}) {
      SchemaRules wrong(grammar, 1000, unkept);
      rule(wrong, Json::parse(R"({"minimum":"1"})"), "#");
      ASSERT_TRUE(wrong.refusal());
      EXPECT_EQ(wrong.refusal()->fault, Fault::invalid);
    }
    SchemaRules old(grammar, 1000, Unkept::passed_over);
    rule(old, Json::parse(R"({"minimum":1,"exclusiveMinimum":true})"), "#");
    EXPECT_FALSE(old.refusal());
  }
}

TEST(Numbers, WhereItIsPassedOverTheOtherBoundIsKeptTo) {
  GbnfRules grammar;
  SchemaRules rules(grammar, 1000, Unkept::passed_over);
  EXPECT_EQ(number_rule(rules, Json::parse(R"({"minimum":0.5,"maximum":2})"), "#"),
            number_rule(rules, Json::parse(R"({"maximum":2})"), "#"));
  EXPECT_EQ(integer_rule(rules, Json::parse(R"({"minimum":1e30})"), "#"), GbnfRules::integer);
  EXPECT_FALSE(rules.refusal());
}

}  // namespace
}  // namespace fovea::llama
