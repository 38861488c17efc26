#include "engine/tools/schema_reference.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

using Json = nlohmann::ordered_json;

const Json root = Json::parse(R"({"$defs":{"a/b":{"type":"string"},"to":{"$ref":"#/$defs/a~1b"},
    "round":{"$ref":"#/$defs/about"},"about":{"$ref":"#/$defs/round"},"away":{"$ref":"#/$defs/none"},
    "number":{"$ref":7}}})");

const Json& part(const char* name) { return root.at("$defs").at(name); }

TEST(SchemaReference, LeadsToAPartOfTheSchemaOrNowhere) {
  EXPECT_EQ(referenced(root, "#"), &root);
  EXPECT_EQ(referenced(root, "#/$defs/a~1b"), &part("a/b"));
  for (const char* nowhere : {"", "$defs", "#$defs", "#/none", "#/$defs/a~2b", "https://example.org/schema"})
    EXPECT_EQ(referenced(root, nowhere), nullptr) << nowhere;
}

TEST(SchemaReference, TheMeantSchemaIsTheLastOne) {
  EXPECT_EQ(meant_schema(root, part("a/b")), &part("a/b"));
  EXPECT_EQ(meant_schema(root, part("to")), &part("a/b"));
  const Json everything = true;
  EXPECT_EQ(meant_schema(root, everything), &everything);
}

TEST(SchemaReference, ReferencesThatLeadNowhereMeanNothing) {
  for (const char* name : {"round", "about", "away", "number"})
    EXPECT_EQ(meant_schema(root, part(name)), nullptr) << name;
}

}  // namespace
}  // namespace fovea
