#include "serve/openai/chat_message.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

// What a request of this one message, its second, says.
Parsed<ChatRequest> message(const std::string& json) {
  ChatRequest request;
  auto read =
      read_message(JsonObject::of(*body_of("{\"m\":" + json + "}").find("m"), "messages[1]").value(), {}, request);
  if (!read) return std::unexpected(read.error());
  return request;
}

std::string role_of(const std::string& role) {
  const auto request = message(R"({"role":)" + role + R"(,"content":"a"})");
  return request ? request->messages[0].role : outcome(request);
}

// The message of an assistant with these fields.
Parsed<ChatRequest> assistant(const std::string& fields) { return message(R"({"role":"assistant",)" + fields + "}"); }

std::vector<ToolCall> calls_of(const std::string& fields) { return assistant(fields).value().messages[0].tool_calls; }

TEST(ReadMessage, KnowsItsRoles) {
  EXPECT_EQ(role_of(R"("system")"), "system");
  EXPECT_EQ(role_of(R"("user")"), "user");
  EXPECT_EQ(role_of(R"("assistant")"), "assistant");
  EXPECT_EQ(role_of(R"("tool")"), "tool");
  EXPECT_EQ(role_of(R"("developer")"), "system");
  EXPECT_EQ(role_of(R"("function")"), "tool");
  EXPECT_EQ(role_of(R"("User")"), "invalid_value messages[1].role");
  EXPECT_EQ(role_of(R"("narrator")"), "invalid_value messages[1].role");
  EXPECT_EQ(role_of("null"), "invalid_value messages[1].role");
  EXPECT_EQ(role_of("1"), "invalid_type messages[1].role");
}

TEST(ReadMessage, ReadsCallsOfTools) {
  EXPECT_EQ(
      calls_of(R"("content":null,"tool_calls":[
      {"id":"c1","type":"function","function":{"name":"zoom","arguments":"{\"x\": 1}"}},
      {"id":"c2","function":{"name":"look","arguments":{"at": [1, 2]}}},
      {"type":"function","function":{"name":"rest","arguments":""}}])"),
      (std::vector<ToolCall>{{"c1", "zoom", R"({"x": 1})"}, {"c2", "look", R"({"at":[1,2]})"}, {"", "rest", "{}"}}));
  EXPECT_EQ(calls_of(R"("function_call":{"name":"f","arguments":"{}"})"), (std::vector<ToolCall>{{"", "f", "{}"}}))
      << "the old name";
}

TEST(ReadMessage, RefusesCallsByTheirPlace) {
  EXPECT_EQ(outcome(assistant(R"("tool_calls":{})")), "invalid_type messages[1].tool_calls");
  EXPECT_EQ(outcome(assistant(R"("tool_calls":["a"])")), "invalid_type messages[1].tool_calls[0]");
  EXPECT_EQ(outcome(assistant(R"("tool_calls":[{"id":"t"}])")), "invalid_value messages[1].tool_calls[0].function");
  EXPECT_EQ(outcome(assistant(R"("tool_calls":[{"function":{}}])")),
            "invalid_value messages[1].tool_calls[0].function.name");
  EXPECT_EQ(outcome(assistant(R"("tool_calls":[{"function":{"name":"f","arguments":1}}])")),
            "invalid_type messages[1].tool_calls[0].function.arguments");
  EXPECT_EQ(outcome(assistant(R"("tool_calls":[{"type":"custom","custom":{"name":"f"}}])")),
            "unsupported_value messages[1].tool_calls[0].type");
  EXPECT_EQ(outcome(message(R"({"role":"user","content":"a","tool_calls":[{"function":{"name":"f"}}]})")),
            "invalid_value messages[1].role");
}

TEST(ReadMessage, TakesAnAnswerAsItCame) {
  EXPECT_TRUE(calls_of(R"("content":"a","tool_calls":null,"refusal":null,"annotations":[],"audio":null)").empty());
  EXPECT_TRUE(calls_of(R"("content":"a","tool_calls":[])").empty());
  EXPECT_TRUE(calls_of(R"("content":null,"tool_calls":[])").empty());
  EXPECT_TRUE(calls_of(R"("content":null,"reasoning_content":"So it is a cat.")").empty());
  EXPECT_EQ(assistant(R"("content":null,"refusal":"No.")")->messages[0].parts, std::vector<PromptPart>{"No."});
  EXPECT_EQ(outcome(assistant(R"("content":null)")), "invalid_value messages[1].content");
  EXPECT_EQ(outcome(message(R"({"role":"user","content":null,"tool_calls":null})")),
            "invalid_value messages[1].content");
}

// Incident 27: no picture is left out in silence.
TEST(ReadMessage, RefusesPicturesBesideTheContent) {
  EXPECT_EQ(outcome(message(R"({"role":"user","content":"What is it?","images":["QUJD"]})")),
            "unsupported_parameter messages[1].images");
  EXPECT_TRUE(message(R"({"role":"user","content":"Hello","images":[]})"));
  EXPECT_TRUE(message(R"({"role":"user","content":"Hello","images":null})"));
}

TEST(ReadMessage, ReadsWhatAToolSaysWithItsPictures) {
  const auto request = message(R"({"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"the screen"},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->messages[0].tool_call_id, "c1");
  EXPECT_EQ(request->messages[0].parts, (std::vector<PromptPart>{"the screen", ImageSlot{0}}));
  EXPECT_EQ(std::get<Blob>(request->images.at(0).from).text(), "ABC");
  EXPECT_EQ(outcome(message(R"({"role":"tool","tool_call_id":1,"content":"a"})")),
            "invalid_type messages[1].tool_call_id");
}

}  // namespace
}  // namespace fovea::serve
