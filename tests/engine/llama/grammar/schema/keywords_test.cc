#include "engine/llama/grammar/schema/keywords.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

using Json = nlohmann::ordered_json;
using Types = std::vector<std::string>;

TEST(Keywords, TheTypeIsNamedOrImplied) {
  GbnfRules grammar;
  SchemaRules rules(grammar, 1000);
  const auto types = [&](const char* schema) { return types_of(rules, Json::parse(schema), "#"); };
  EXPECT_EQ(types(R"({"type":"integer"})"), Types{"integer"});
  EXPECT_EQ(types(R"({"type":["string","null"],"title":"t"})"), (Types{"string", "null"}));
  EXPECT_EQ(types(R"({"required":[]})"), Types{"object"});
  EXPECT_EQ(types(R"({"minItems":1})"), Types{"array"});
  EXPECT_EQ(types(R"({"format":"date"})"), Types{"string"});
  EXPECT_EQ(types(R"({"exclusiveMaximum":1})"), Types{"number"});
  EXPECT_EQ(types(R"({"description":"d"})"), Types{"value"});
  EXPECT_FALSE(rules.refusal());
}

TEST(Keywords, WhatNamesNoTypesIsRefused) {
  GbnfRules grammar;
  for (const char* type : {"1", "[]", R"(["array","array"])", "[1]", R"({"a":"string"})", "[0,1,2,3,4,5,6,7]"}) {
    SchemaRules rules(grammar, 1000);
    types_named(rules, Json::parse(type), "#/a");
    ASSERT_TRUE(rules.refusal()) << type;
    EXPECT_EQ(rules.refusal()->fault, Fault::invalid);
    EXPECT_TRUE(rules.refusal()->message.contains("#/a/type")) << rules.refusal()->message;
  }
}

TEST(Keywords, TheFirstUnknownOneIsRefused) {
  GbnfRules grammar;
  SchemaRules rules(grammar, 1000);
  EXPECT_TRUE(takes_only(rules, Json::parse(R"({"const":1,"$comment":"c"})"), {"const"}, "#"));
  EXPECT_FALSE(takes_only(rules, Json::parse(R"({"const":1,"not":{},"if":{}})"), {"const"}, "#"));
  ASSERT_TRUE(rules.refusal());
  EXPECT_TRUE(rules.refusal()->message.contains("#/not")) << rules.refusal()->message;
}

TEST(Keywords, WhereTheyArePassedOverNothingIsRefused) {
  GbnfRules grammar;
  SchemaRules rules(grammar, 1000, Unkept::passed_over);
  EXPECT_TRUE(takes_only(rules, Json::parse(R"({"const":1,"not":{},"if":{}})"), {"const"}, "#"));
  EXPECT_FALSE(rules.refusal());
}

}  // namespace
}  // namespace fovea::llama
