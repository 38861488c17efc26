#include "engine/llama/grammar/schema/schema_reader.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

TEST(SchemaReader, SeveralSchemasShareTheRulesOfAGrammar) {
  GbnfRules rules;
  const auto one =
      nlohmann::ordered_json::parse(R"({"properties":{"a":{"$ref":"#/$defs/s"}},"$defs":{"s":{"const":1}}})");
  const auto other =
      nlohmann::ordered_json::parse(R"({"properties":{"a":{"$ref":"#/$defs/s"}},"$defs":{"s":{"const":2}}})");
  const auto first = SchemaReader(rules, one, 1000).read();
  const auto second = SchemaReader(rules, other, 1000).read();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second) << "a reference is of its own schema";
  EXPECT_EQ(SchemaReader(rules, nlohmann::ordered_json::parse("{}"), 1000).read(), GbnfRules::value);
}

TEST(SchemaReader, ItsBoundIsOfAllRulesTogether) {
  GbnfRules rules;
  rules.spend(990);
  const auto schema = nlohmann::ordered_json::parse(R"({"enum":[1,2,3,4,5]})");
  const auto read = SchemaReader(rules, schema, 1000).read();
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().message.contains("1000")) << read.error().message;
}

}  // namespace
}  // namespace fovea::llama
