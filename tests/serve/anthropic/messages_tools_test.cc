#include "serve/anthropic/messages_tools.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve::anthropic {
namespace {

using test::body_of;
using test::outcome;

Parsed<ToolUse> read(const std::string& fields) {
  ToolUse use;
  if (auto done = read_messages_tools(body_of("{" + fields + "}"), use); !done) return std::unexpected(done.error());
  return use;
}

std::string with(const std::string& choice) {
  return R"("tools":[{"name":"count"},{"name":"find"}],"tool_choice":)" + choice;
}

TEST(MessagesTools, ReadsTools) {
  const auto use = read(R"("tools":[{"name":"count","description":"Counts.","input_schema":{"type": "object"},
      "cache_control":{"type":"ephemeral"}},{"type":"custom","name":"find","strict":true}])");
  ASSERT_TRUE(use);
  ASSERT_EQ(use->tools.size(), 2U);
  EXPECT_EQ(use->tools[0], (Tool{"count", "Counts.", R"({"type":"object"})", false}));
  EXPECT_EQ(use->tools[1], (Tool{"find", "", "", true}));
  EXPECT_EQ(use->choice, ToolChoice::automatic);
  EXPECT_TRUE(use->parallel);
}

TEST(MessagesTools, ReadsEachChoice) {
  EXPECT_EQ(read(with(R"({"type":"auto"})"))->choice, ToolChoice::automatic);
  EXPECT_EQ(read(with(R"({"type":"none"})"))->choice, ToolChoice::none);
  const auto any = read(with(R"({"type":"any","disable_parallel_tool_use":true})"));
  EXPECT_EQ(any->choice, ToolChoice::required);
  EXPECT_EQ(any->named, "");
  EXPECT_FALSE(any->parallel);
  EXPECT_EQ(read(with(R"({"type":"tool","name":"find"})"))->named, "find");
}

TEST(MessagesTools, RefusesAnthropicsOwnToolsByTheirType) {
  const auto use = read(R"("tools":[{"type":"web_search_20250305","name":"web_search"}])");
  ASSERT_FALSE(use);
  EXPECT_EQ(use.error().param, "tools[0].type");
  EXPECT_TRUE(use.error().message.contains("web_search_20250305"));
}

TEST(MessagesTools, RefusesWhatCannotBeRead) {
  EXPECT_EQ(outcome(read(R"("tools":7)")), "invalid_type tools");
  EXPECT_EQ(outcome(read(R"("tools":[{}])")), "invalid_value tools[0].name");
  EXPECT_EQ(outcome(read(R"("tools":[{"name":"a"},{"name":"a"}])")), "invalid_value tools[1]");
  EXPECT_EQ(outcome(read(R"("tool_choice":{"type":"any"})")), "invalid_value tool_choice.type");
  EXPECT_EQ(outcome(read(R"("tool_choice":"auto")")), "invalid_type tool_choice");
  EXPECT_EQ(outcome(read(with(R"({"type":"tool"})"))), "invalid_value tool_choice.name");
  EXPECT_EQ(outcome(read(with(R"({"type":"tool","name":"fly"})"))), "invalid_value tool_choice.name");
  EXPECT_EQ(outcome(read(with(R"({"type":"required"})"))), "invalid_value tool_choice.type");
}

}  // namespace
}  // namespace fovea::serve::anthropic
