#include "serve/anthropic/messages_request.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve::anthropic {
namespace {

using test::body_of;
using test::outcome;

// A request with these fields besides.
Parsed<ChatRequest> with(const std::string& fields, const RequestRules& rules = {}) {
  return read_messages_request(
      body_of(R"({"max_tokens":9,"messages":[{"role":"user","content":"What is it?"}],)" + fields + "}"), rules);
}

std::string of_turns(const std::string& turns, const RequestRules& rules = {}) {
  return outcome(read_messages_request(body_of(R"({"max_tokens":9,"messages":)" + turns + "}"), rules));
}

TEST(MessagesRequest, ReadsAnthropicsFields) {
  const auto request = with(R"("model":"m","system":"Be brief.","temperature":0.5,"top_k":7,"top_p":0.9,"stream":true,
      "stop_sequences":["Human:"],"tools":[{"name":"count"}],"tool_choice":{"type":"any"},
      "metadata":{"user_id":"u"},"service_tier":"auto","cache_salt":"s","seed":3)");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "m");
  EXPECT_TRUE(request->stream);
  EXPECT_EQ(request->cache_salt, "s");
  EXPECT_EQ(request->messages.at(0).role, "system");
  EXPECT_EQ(request->messages.at(1).parts, std::vector<PromptPart>{"What is it?"});
  const GenerateOptions& options = request->options;
  EXPECT_EQ(options.max_tokens, 9);
  EXPECT_EQ(options.temperature, 0.5);
  EXPECT_EQ(options.top_k, 7);
  EXPECT_EQ(options.top_p, 0.9);
  EXPECT_EQ(options.seed, 3U);
  EXPECT_EQ(options.stop, std::vector<std::string>{"Human:"});
  EXPECT_EQ(options.tools.choice, ToolChoice::required);
  EXPECT_FALSE(request->continue_final);
}

TEST(MessagesRequest, WhatIsLeftOutIsTheOperators) {
  EXPECT_EQ(with(R"("model":"m")", {.defaults = {.temperature = 0.25}})->options.temperature, 0.25);
}

TEST(MessagesRequest, ALastMessageOfTheAssistantIsContinued) {
  const auto request = read_messages_request(
      body_of(R"({"max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"It is"}]})"),
      {});
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->continue_final);
  const auto ending = [](const std::string& content) {
    return read_messages_request(body_of(R"({"max_tokens":9,"messages":[{"role":"user","content":"a"},)"
                                         R"({"role":"assistant","content":)" +
                                         content + "}]}"),
                                 {});
  };
  EXPECT_FALSE(ending(R"([{"type":"tool_use","id":"i","name":"n","input":{}}])")->continue_final);
  // An empty one is none.
  EXPECT_FALSE(ending(R"("")")->continue_final);
  EXPECT_EQ(ending(R"("")")->messages.size(), 1U);
}

TEST(MessagesRequest, OneFieldSaysWhatTheAnswerMustBe) {
  const std::string format = R"({"type":"json_schema","schema":{"type":"object"}})";
  for (const std::string& field :
       {R"("output_format":)" + format, R"("response_format":)" + format,
        R"("output_config":{"format":)" + format + "}", std::string(R"("guided_json":{"type":"object"})"),
        std::string(R"("json_schema":{"type":"object"})"),
        std::string(R"("structured_outputs":{"json":{"type":"object"}})")}) {
    const auto request = with(field);
    ASSERT_TRUE(request) << field;
    EXPECT_EQ(request->options.json_schema, R"({"type":"object"})") << field;
  }
  EXPECT_EQ(outcome(with(R"("guided_json":{},"output_format":)" + format)), "invalid_value output_format");
  EXPECT_EQ(outcome(with(R"("guided_json":{},"response_format":)" + format)), "invalid_value guided_json");
}

TEST(MessagesRequest, AnAnswerMayBeHeldToASchema) {
  const auto request =
      with(R"("output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type": "object"}}})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->options.json_schema, R"({"type":"object"})");
}

TEST(MessagesRequest, AReplyHasOneAnswer) { EXPECT_EQ(outcome(with(R"("n":2)")), "unsupported_value n"); }

TEST(MessagesRequest, ThinkingIsAcceptedWithoutMeaning) {
  for (const char* type : {"disabled", "enabled", "adaptive"})
    EXPECT_EQ(outcome(with(R"("thinking":{"type":")" + std::string(type) + R"(","budget_tokens":1024})")), "read");
  EXPECT_EQ(outcome(with(R"("thinking":{"type":"deep"})")), "invalid_value thinking.type");
}

TEST(MessagesRequest, RefusesWhatIsOutOfAnthropicsRanges) {
  EXPECT_EQ(outcome(with(R"("temperature":1.5)")), "invalid_value temperature");
  EXPECT_EQ(outcome(with(R"("top_p":2)")), "invalid_value top_p");
  EXPECT_EQ(outcome(with(R"("grammar":"root ::= x")")), "unsupported_parameter grammar");
  EXPECT_EQ(outcome(with(R"("stop_sequences":"a")")), "invalid_type stop_sequences");
  EXPECT_EQ(outcome(with(R"("stop_sequences":[""])")), "invalid_value stop_sequences");
  EXPECT_EQ(outcome(with(R"("stop_sequences":[7])")), "invalid_type stop_sequences");
  EXPECT_EQ(outcome(with(R"("stop":"")")), "read") << "as in a chat";
  EXPECT_EQ(outcome(with(R"("stop_sequences":[)" +
                         [] {
                           std::string many = "\"a\"";
                           for (int i = 0; i < 16; ++i) many += ",\"a\"";
                           return many;
                         }() +
                         "]")),
            "invalid_value stop_sequences");
}

TEST(MessagesRequest, RefusesAnthropicsServicesByName) {
  EXPECT_EQ(outcome(with(R"("container":"c")")), "unsupported_parameter container");
  EXPECT_EQ(outcome(with(R"("mcp_servers":[{"url":"u"}])")), "unsupported_parameter mcp_servers");
  EXPECT_EQ(outcome(with(R"("container":null,"mcp_servers":[])")), "read");
}

TEST(MessagesRequest, RefusesARequestWithoutAQuestion) {
  EXPECT_EQ(outcome(read_messages_request(body_of(R"({"max_tokens":9})"), {})), "missing_required_parameter messages");
  EXPECT_EQ(of_turns("[]"), "invalid_value messages");
  EXPECT_EQ(of_turns("{}"), "invalid_type messages");
  EXPECT_EQ(of_turns(R"([{"role":"user","content":[]}])"), "invalid_value messages");
  EXPECT_EQ(of_turns(R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"}])", {.messages_max = 1}),
            "invalid_value messages");
}

TEST(MessagesRequest, AnAnswerHasNoLessThanNoTokens) {
  EXPECT_EQ(
      outcome(read_messages_request(body_of(R"({"max_tokens":-1,"messages":[{"role":"user","content":"a"}]})"), {})),
      "invalid_value max_tokens");
}

TEST(MessagesRequest, OnlyCountingNeedsNoMaxTokens) {
  const std::string body = R"({"messages":[{"role":"user","content":"a"}]})";
  EXPECT_EQ(outcome(read_messages_request(body_of(body), {})), "missing_required_parameter max_tokens");
  EXPECT_EQ(outcome(read_count_request(body_of(body), {})), "read");
}

}  // namespace
}  // namespace fovea::serve::anthropic
