#include "engine/llama/grammar/schema/schema_union.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fovea::llama {
namespace {

using Json = nlohmann::ordered_json;

bool apart(const std::vector<std::string>& texts) {
  std::vector<Json> schemas;
  for (const std::string& text : texts) schemas.push_back(Json::parse(text));
  std::vector<const Json*> alternatives;
  for (const Json& schema : schemas) alternatives.push_back(&schema);
  return told_apart(alternatives);
}

// An object whose property "kind" is this constant, before a nested one.
std::string kind(const std::string& value, const std::string& required = R"(["kind","list"])") {
  return R"({"type":"object","properties":{"kind":{"const":)" + value + R"(},"list":{"type":"array"}},"required":)" +
         required + "}";
}

TEST(SchemaUnion, OtherTypesAreToldApart) {
  EXPECT_TRUE(apart({R"({"type":"object"})", R"({"type":"array"})"}));
  EXPECT_TRUE(apart({R"({"type":"array"})", R"({"type":"string"})", R"({"const":[1]})"}));
  EXPECT_TRUE(apart({}));
}

TEST(SchemaUnion, TheSameContainersAreAlike) {
  EXPECT_FALSE(apart({R"({"type":"array"})", R"({"type":"array","minItems":2})"}));
  EXPECT_FALSE(apart({R"({"type":"object"})", R"({"type":"object"})"}));
  EXPECT_FALSE(apart({R"({})", R"({"type":"object"})"})) << "any value may be an object";
}

TEST(SchemaUnion, ARequiredConstantBeforeAnythingNestedTellsObjectsApart) {
  EXPECT_TRUE(apart({kind("1"), kind("2"), kind("\"1\"")}));
  EXPECT_FALSE(apart({kind("1"), kind("1")}));
  EXPECT_FALSE(apart({kind("1"), kind("2", R"(["list"])")})) << "an optional property may be left out";
  EXPECT_FALSE(apart({kind("[1]"), kind("[2]")})) << "only simple constants are compared";
}

TEST(SchemaUnion, ADifferentRequiredPropertyTellsObjectsApart) {
  const auto named = [](const std::string& name) {
    return R"({"type":"object","properties":{")" + name + R"(":{"type":"array"}},"required":[")" + name + "\"]}";
  };
  EXPECT_TRUE(apart({named("a"), named("b")}));
  EXPECT_FALSE(apart({named("a"), named("a")}));
}

TEST(SchemaUnion, OneAlikePairIsEnough) {
  EXPECT_FALSE(apart({kind("1"), kind("2"), R"({"type":"string"})", kind("1")}));
}

TEST(SchemaUnion, TooManyAlternativesCountAsAlike) {
  std::vector<std::string> many(24, R"({"type":"string"})");
  EXPECT_TRUE(apart(many));
  many.emplace_back(R"({"type":"string"})");
  EXPECT_FALSE(apart(many));
}

}  // namespace
}  // namespace fovea::llama
