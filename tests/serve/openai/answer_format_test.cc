#include "serve/openai/answer_format.h"

#include <gtest/gtest.h>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

// The schema that a format asks for; "none", or the refusal.
std::string schema_of(const std::string& format) {
  GenerateOptions options;
  const auto read = read_answer_format(body_of("{\"response_format\":" + format + "}"), "response_format", options);
  return read ? options.json_schema.value_or("none") : outcome(read);
}

TEST(AnswerFormat, MayBeText) {
  EXPECT_EQ(schema_of("null"), "none");
  EXPECT_EQ(schema_of(R"({"type":"text"})"), "none");
}

TEST(AnswerFormat, MayBeAnyObject) { EXPECT_EQ(schema_of(R"({"type":"json_object"})"), R"({"type":"object"})"); }

TEST(AnswerFormat, AnObjectMayHaveASchema) {
  EXPECT_EQ(schema_of(R"({"type":"json_object","schema":{"type":"object","properties":{"a":{"type":"integer"}}}})"),
            R"({"type":"object","properties":{"a":{"type":"integer"}}})");
}

TEST(AnswerFormat, TakesASchemaInAnObjectOfItsOwnOrBesideTheType) {
  const std::string schema = R"({"type":"array","items":{"type":"integer"}})";
  EXPECT_EQ(schema_of(R"({"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":)" + schema + "}}"),
            schema);
  EXPECT_EQ(schema_of(R"({"type":"json_schema","name":"n","schema":)" + schema + "}"), schema);
}

TEST(AnswerFormat, WritesASchemaInOneWayHoweverItIsSpaced) {
  EXPECT_EQ(schema_of("{\"type\":\"json_schema\",\"schema\": {\n \"type\" : \"object\" } }"), R"({"type":"object"})");
}

TEST(AnswerFormat, RefusesOthersByTheirPlace) {
  EXPECT_EQ(schema_of(R"("text")"), "invalid_type response_format");
  EXPECT_EQ(schema_of("{}"), "unsupported_value response_format.type");
  EXPECT_EQ(schema_of(R"({"type":"xml"})"), "unsupported_value response_format.type");
  EXPECT_EQ(schema_of(R"({"type":1})"), "invalid_type response_format.type");
  EXPECT_EQ(schema_of(R"({"type":"json_schema"})"), "invalid_value response_format.schema");
  EXPECT_EQ(schema_of(R"({"type":"json_schema","json_schema":{}})"),
            "invalid_value response_format.json_schema.schema");
  EXPECT_EQ(schema_of(R"({"type":"json_schema","json_schema":[]})"), "invalid_type response_format.json_schema");
}

// The schema that these fields ask for; "none", or the refusal.
std::string structure_of(const std::string& fields) {
  GenerateOptions options;
  const auto read = read_structure(body_of("{" + fields + "}"), options);
  return read ? options.json_schema.value_or("none") : outcome(read);
}

TEST(AnswerStructure, IsKeptUnderEveryServersName) {
  EXPECT_EQ(structure_of(R"("temperature":0)"), "none");
  EXPECT_EQ(structure_of(R"("response_format":{"type":"json_object"})"), R"({"type":"object"})");
  EXPECT_EQ(structure_of(R"("json_schema":{"type": "array"})"), R"({"type":"array"})");
  EXPECT_EQ(structure_of(R"("guided_json":{"type": "array"})"), R"({"type":"array"})");
  EXPECT_EQ(structure_of(R"("guided_json":"{\"type\":\"array\"}")"), R"({"type":"array"})");
  EXPECT_EQ(structure_of(R"("structured_outputs":{"json":{"type": "array"}})"), R"({"type":"array"})");
  EXPECT_EQ(structure_of(R"("structured_outputs":{"json_object":true})"), R"({"type":"object"})");
  EXPECT_EQ(structure_of(R"("structured_outputs":{"regex":null,"disable_additional_properties":false})"), "none");
}

TEST(AnswerStructure, RefusesByNameWhatIsNoSchema) {
  for (const std::string name : {"regex", "choice", "grammar", "structural_tag", "whitespace_pattern"})
    EXPECT_EQ(structure_of(R"("structured_outputs":{")" + name + R"(":"a"})"),
              "unsupported_parameter structured_outputs." + name);
  EXPECT_EQ(structure_of(R"("structured_outputs":7)"), "invalid_type structured_outputs");
  EXPECT_EQ(structure_of(R"("structured_outputs":{"json":7})"), "invalid_type structured_outputs.json");
  EXPECT_EQ(structure_of(R"("guided_json":[])"), "invalid_type guided_json");
  EXPECT_EQ(structure_of(R"("json_schema":1)"), "invalid_type json_schema");
}

TEST(AnswerStructure, IsSaidOnce) {
  EXPECT_EQ(structure_of(R"("response_format":{"type":"json_object"},"guided_json":{"type":"array"})"),
            "invalid_value guided_json");
  EXPECT_EQ(structure_of(R"("response_format":{"type":"text"},"guided_json":{"type":"array"})"), R"({"type":"array"})");
  EXPECT_EQ(structure_of(R"("response_format":{"type":"json_object"},"structured_outputs":{})"),
            R"({"type":"object"})");
}

}  // namespace
}  // namespace fovea::serve
