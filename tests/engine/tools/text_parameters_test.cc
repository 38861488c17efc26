#include "engine/tools/text_parameters.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(TextParameters, AreThoseThatTakeStringsOnly) {
  EXPECT_EQ(
      text_parameters(R"({"properties":{"a":{"type":"string"},"b":{"type":["string","null"]},"c":{"type":"integer"},
                               "d":{"enum":["x","y"]},"e":{"enum":["x",1]},"f":{"const":"x"},"g":{},"h":true,
                               "i":{"$ref":"#/$defs/s"},"j":{"$ref":"#/$defs/none"},"k":{"$ref":"#/properties/k"}},
                               "$defs":{"s":{"type":"string"}}})"),
      (std::set<std::string>{"a", "d", "f", "i"}));
}

TEST(TextParameters, NoSchemaHasNone) {
  for (const char* text : {"", "{", "[]", "{}", R"({"properties":[]})", R"({"properties":{"a":1}})"})
    EXPECT_TRUE(text_parameters(text).empty()) << text;
  EXPECT_TRUE(text_parameters(std::string(100000, '[')).empty());
}

}  // namespace
}  // namespace fovea
