#include "engine/llama/grammar/schema/constants.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

using Json = nlohmann::ordered_json;

TEST(Constants, OnlyThoseOfTheTypeAreWritten) {
  GbnfRules grammar;
  SchemaRules rules(grammar, 1000);
  const auto one = constants_rule(rules, Json::parse(R"({"enum":["a",2,null],"type":["string","null"]})"), "#");
  EXPECT_FALSE(rules.refusal());
  EXPECT_EQ(one, grammar.text(R"("\"a\"" | "null")")) << "rules of the same text are the same rule";
  constants_rule(rules, Json::parse(R"({"const":1,"type":"string"})"), "#/x");
  ASSERT_TRUE(rules.refusal());
  EXPECT_TRUE(rules.refusal()->message.contains("#/x/const")) << rules.refusal()->message;
}

TEST(Constants, BetweenTagsStringsAreWrittenAsTheyAre) {
  GbnfRules grammar;
  SchemaRules rules(grammar, 1000);
  EXPECT_EQ(plain_constants(rules, Json::parse(R"({"enum":["a\"b","c"]})"), "#"), R"(( "a\"b" | "c" ))");
  EXPECT_FALSE(rules.refusal());
  for (const char* hostile : {R"({"const":"a<"})", R"({"const":"a\nb"})"}) {
    SchemaRules refusing(grammar, 1000);
    plain_constants(refusing, Json::parse(hostile), "#");
    EXPECT_TRUE(refusing.refusal()) << hostile;
  }
}

}  // namespace
}  // namespace fovea::llama
