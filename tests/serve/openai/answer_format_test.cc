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

}  // namespace
}  // namespace fovea::serve
