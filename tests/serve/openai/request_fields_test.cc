#include "serve/openai/request_fields.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

std::string outcome_of(const std::string& json) { return outcome(check_fields(body_of("{" + json + "}"))); }

TEST(RequestFields, EachIsThereOnce) {
  std::set<std::string_view> names;
  for (const RequestField& field : request_fields()) EXPECT_TRUE(names.insert(field.name).second) << field.name;
  EXPECT_GE(names.size(), 100U);
}

TEST(RequestFields, ARefusedOneIsRefusedByItsName) {
  for (const RequestField& field : request_fields()) {
    const std::string name(field.name);
    const std::string expected = field.use == FieldUse::refused ? "unsupported_parameter " + name : "read";
    EXPECT_EQ(outcome_of('"' + name + R"(":{"x":1})"), expected);
    EXPECT_EQ(outcome_of('"' + name + R"(":["x"])"), expected);
    EXPECT_EQ(outcome_of('"' + name + R"(":17)"), expected);
  }
}

TEST(RequestFields, WhatAsksForNothingIsAccepted) {
  for (const RequestField& field : request_fields()) {
    const std::string name(field.name);
    for (const std::string value : {"null", "[]", "{}", R"("")"})
      EXPECT_EQ(outcome_of('"' + name + "\":" + value), "read") << name << ' ' << value;
    for (const std::string_view value : field.neutral) {
      if (value.empty()) continue;
      EXPECT_EQ(outcome_of('"' + name + "\":" + std::string(value)), "read") << name << ' ' << value;
    }
  }
  EXPECT_EQ(outcome_of(R"("repeat_penalty":1.0,"best_of":1,"xtc_probability":0.0)"), "read");
  EXPECT_EQ(outcome_of(R"("repeat_penalty":1.1)"), "unsupported_parameter repeat_penalty");
  EXPECT_EQ(outcome_of(R"("ignore_eos":false,"skip_special_tokens":true)"), "read");
  EXPECT_EQ(outcome_of(R"("skip_special_tokens":false)"), "unsupported_parameter skip_special_tokens");
}

TEST(RequestFields, ARefusalSaysWhatToDoInstead) {
  const auto refused = check_fields(body_of(R"({"grammar":"root ::= \"a\""})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "grammar is not supported: send response_format with a JSON Schema");
}

// The user's view of the same table.
TEST(RequestFields, TheDocumentationNamesAllThatAreIgnoredOrRefused) {
  std::ifstream file(std::filesystem::path(FOVEA_SOURCE_DIR) / "docs" / "serve.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const RequestField& field : request_fields()) {
    if (field.use == FieldUse::kept) continue;
    EXPECT_TRUE(text.str().contains('`' + std::string(field.name) + '`')) << field.name;
  }
}

}  // namespace
}  // namespace fovea::serve
