#include "serve/openai/tools_request.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;

Parsed<ToolUse> read(const std::string& fields) {
  ToolUse use;
  if (auto done = read_tools(body_of("{" + fields + "}"), use); !done) return std::unexpected(done.error());
  return use;
}

std::string refused(const std::string& fields) {
  const auto use = read(fields);
  return use ? "read" : use.error().code + " " + use.error().param;
}

constexpr const char* two = R"("tools":[{"type":"function","function":{"name":"count"}},
    {"type":"function","function":{"name":"find"}}])";

std::string with(const std::string& fields) { return std::string(two) + "," + fields; }

TEST(ToolsRequest, WithoutToolsNoneIsWanted) {
  EXPECT_EQ(read(R"("model":"m")").value(), ToolUse{});
  EXPECT_EQ(read(R"("tools":[],"tool_choice":"auto","parallel_tool_calls":true)").value(), ToolUse{});
  EXPECT_EQ(read(R"("tools":null,"tool_choice":null)").value(), ToolUse{});
}

TEST(ToolsRequest, NestedAndFlatToolsAreTheSame) {
  const auto chat = read(R"("tools":[{"type":"function","function":{"name":"count","description":"Counts.",
      "parameters":{"type": "object", "properties": {}},"strict":true}}])");
  const auto responses = read(R"("tools":[{"type":"function","name":"count","description":"Counts.",
      "parameters":{"type": "object", "properties": {}},"strict":true}])");
  ASSERT_TRUE(chat);
  ASSERT_TRUE(responses);
  EXPECT_EQ(*chat, *responses);
  ASSERT_EQ(chat->tools.size(), 1U);
  EXPECT_EQ(chat->tools[0], (Tool{"count", "Counts.", R"({"type":"object","properties":{}})", true}));
  EXPECT_EQ(chat->choice, ToolChoice::automatic);
}

TEST(ToolsRequest, ReadsEachChoice) {
  EXPECT_EQ(read(with(R"("tool_choice":"none")"))->choice, ToolChoice::none);
  EXPECT_EQ(read(with(R"("tool_choice":"required")"))->choice, ToolChoice::required);
  EXPECT_EQ(read(with(R"("tool_choice":"required")"))->named, "");
  for (const char* choice :
       {R"({"type":"function","function":{"name":"find"}})", R"({"type":"function","name":"find"})"}) {
    const auto use = read(with(R"("tool_choice":)" + std::string(choice)));
    ASSERT_TRUE(use);
    EXPECT_EQ(use->choice, ToolChoice::required);
    EXPECT_EQ(use->named, "find");
  }
  EXPECT_FALSE(read(with(R"("parallel_tool_calls":false)"))->parallel);
}

TEST(ToolsRequest, OfAllowedToolsTheOthersAreLeftOut) {
  for (const char* choice :
       {R"({"type":"allowed_tools","allowed_tools":{"mode":"required",
           "tools":[{"type":"function","function":{"name":"find"}}]}})",
        R"({"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"find"}]})"}) {
    const auto use = read(with(R"("tool_choice":)" + std::string(choice)));
    ASSERT_TRUE(use);
    EXPECT_EQ(use->choice, ToolChoice::required);
    ASSERT_EQ(use->tools.size(), 1U);
    EXPECT_EQ(use->tools[0].name, "find");
  }
}

TEST(ToolsRequest, RefusesToolsThatAreNoFunctionsByTheirType) {
  const auto use = read(R"("tools":[{"type":"web_search"}])");
  ASSERT_FALSE(use);
  EXPECT_EQ(use.error().param, "tools[0].type");
  EXPECT_NE(use.error().message.find("web_search"), std::string::npos);
  EXPECT_EQ(refused(with(R"("tool_choice":{"type":"custom","custom":{"name":"x"}})")),
            "unsupported_value tool_choice.type");
}

TEST(ToolsRequest, RefusesWhatNoToolFits) {
  EXPECT_EQ(refused(R"("tool_choice":"required")"), "invalid_value tool_choice");
  EXPECT_EQ(refused(with(R"("tool_choice":"sometimes")")), "invalid_value tool_choice");
  EXPECT_EQ(refused(with(R"("tool_choice":7)")), "invalid_type tool_choice");
  EXPECT_EQ(refused(with(R"("tool_choice":{"type":"function","name":"fly"})")), "invalid_value tool_choice.name");
  EXPECT_EQ(refused(with(R"("tool_choice":{"type":"allowed_tools","tools":[{"name":"fly"}]})")),
            "invalid_value tool_choice.tools[0].name");
}

TEST(ToolsRequest, RefusesToolsThatCannotBeRead) {
  EXPECT_EQ(refused(R"("tools":{})"), "invalid_type tools");
  EXPECT_EQ(refused(R"("tools":[7])"), "invalid_type tools[0]");
  EXPECT_EQ(refused(R"("tools":[{"type":"function","function":{}}])"),
            "missing_required_parameter tools[0].function.name");
  EXPECT_EQ(refused(R"("tools":[{"name":"a b"}])"), "invalid_value tools[0]");
  EXPECT_EQ(refused(R"("tools":[{"name":""}])"), "invalid_value tools[0]");
  EXPECT_EQ(refused(R"("tools":[{"name":")" + std::string(129, 'a') + R"("}])"), "invalid_value tools[0]");
  EXPECT_EQ(refused(R"("tools":[{"name":"a"},{"name":"a"}])"), "invalid_value tools[1]");
  EXPECT_EQ(refused(R"("tools":[{"name":"a","parameters":[]}])"), "invalid_type tools[0].parameters");
  EXPECT_EQ(refused(R"("tools":[{"name":"a","strict":"yes"}])"), "invalid_type tools[0].strict");
}

TEST(ToolsRequest, HoldsABoundedNumberOfTools) {
  std::string list;
  for (int i = 0; i < 128; ++i) list += (i > 0 ? "," : "") + (R"({"name":"t)" + std::to_string(i) + "\"}");
  EXPECT_EQ(refused("\"tools\":[" + list + "]"), "read");
  EXPECT_EQ(refused("\"tools\":[" + list + R"(,{"name":"more"}])"), "invalid_value tools");
}

}  // namespace
}  // namespace fovea::serve
