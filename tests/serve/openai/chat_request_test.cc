#include "serve/openai/chat_request.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

constexpr std::string_view question = R"("messages":[{"role":"user","content":"What is it?"}])";

// The question, with these fields besides.
Parsed<ChatRequest> asked(const std::string& fields) {
  return read_chat_request(body_of("{" + fields + "," + std::string(question) + "}"), {});
}

TEST(ChatRequest, ReadsTheLeastThatCanBeAsked) {
  const auto request = read_chat_request(body_of("{" + std::string(question) + "}"), {});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "");
  EXPECT_FALSE(request->stream);
  EXPECT_FALSE(request->include_usage);
  EXPECT_EQ(request->top_logprobs, std::nullopt);
  EXPECT_EQ(request->cache_salt, "");
  EXPECT_EQ(request->session, "");
  ASSERT_EQ(request->messages.size(), 1U);
  EXPECT_EQ(request->messages[0].role, "user");
  EXPECT_EQ(request->messages[0].parts, std::vector<PromptPart>{"What is it?"});
}

TEST(ChatRequest, ReadsAllThatItKnows) {
  const auto request = asked(R"("model":"m","stream":true,"stream_options":{"include_usage":true},"cache_salt":"s",
      "temperature":0.5,"logprobs":true,"top_logprobs":3,"response_format":{"type":"json_object"})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "m");
  EXPECT_TRUE(request->stream);
  EXPECT_TRUE(request->include_usage);
  EXPECT_EQ(request->cache_salt, "s");
  EXPECT_EQ(request->options.temperature, 0.5);
  EXPECT_EQ(request->top_logprobs, 3);
  EXPECT_TRUE(request->options.json_schema);
}

TEST(ChatRequest, ASessionHasTheNameThatTheClientGives) {
  const auto session = [](const std::string& fields) { return asked(fields).value().session; };
  EXPECT_EQ(session(R"("prompt_cache_key":"talk 7","user":"u","metadata":{"user_id":"m"})"), "talk 7");
  EXPECT_EQ(session(R"("user":"u","metadata":{"user_id":"m"})"), "u");
  EXPECT_EQ(session(R"("prompt_cache_key":"","metadata":{"user_id":"m"})"), "m");
  EXPECT_EQ(session(R"("prompt_cache_key":7,"user":null,"metadata":{"user_id":[]})"), "");
  EXPECT_EQ(session(R"("metadata":"m")"), "");
}

// Clients send `user` and `metadata` for people: their pictures are no camera's frames.
TEST(ChatRequest, OnlyAPromptCacheKeyNamesACamera) {
  EXPECT_EQ(asked(R"("prompt_cache_key":"door","user":"u")").value().camera, "door");
  EXPECT_EQ(asked(R"("user":"u","metadata":{"user_id":"m"})").value().camera, "");
  EXPECT_EQ(asked(R"("prompt_cache_key":7)").value().camera, "");
}

TEST(ChatRequest, IgnoresWhatNobodyHasHeardOf) {
  EXPECT_TRUE(asked(R"("brand_new":{"x":[1]},"user":"u","metadata":{},"store":false)"));
}

TEST(ChatRequest, RefusesByNameWhatItCannotDo) {
  EXPECT_EQ(outcome(asked(R"("functions":[{"name":"f"}])")), "unsupported_parameter functions");
  EXPECT_EQ(outcome(asked(R"("grammar":"root ::= \"a\"")")), "unsupported_parameter grammar");
  EXPECT_EQ(outcome(asked(R"("tools":[{"type":"web_search"}])")), "unsupported_value tools[0].type");
  EXPECT_EQ(outcome(asked(R"("tool_choice":"required")")), "invalid_value tool_choice");
  EXPECT_EQ(outcome(asked(R"("modalities":["text","audio"])")), "unsupported_value modalities");
  EXPECT_EQ(outcome(asked(R"("modalities":"audio")")), "invalid_type modalities");
}

TEST(ChatRequest, TakesFieldsThatAskForNothing) {
  EXPECT_TRUE(
      asked(R"("tools":[],"tool_choice":"none","functions":[],"function_call":"auto","n":1,"modalities":["text"])"));
}

TEST(ChatRequest, ReadsTools) {
  const auto request = asked(R"("tools":[{"type":"function","function":{"name":"zoom","description":"Looks closer",
      "parameters":{"type":"object"},"strict":true}}],"tool_choice":{"type":"function","function":{"name":"zoom"}},
      "parallel_tool_calls":false)");
  ASSERT_TRUE(request) << outcome(request);
  const ToolUse& use = request->options.tools;
  EXPECT_EQ(use.tools, (std::vector<Tool>{{"zoom", "Looks closer", R"({"type":"object"})", true}}));
  EXPECT_EQ(use.choice, ToolChoice::required);
  EXPECT_EQ(use.named, "zoom");
  EXPECT_FALSE(use.parallel);
}

TEST(ChatRequest, MayWantSeveralAnswers) {
  EXPECT_EQ(asked(R"("n":null)")->choices, 1U);
  EXPECT_EQ(asked(R"("n":8)")->choices, 8U);
  EXPECT_EQ(outcome(asked(R"("n":9)")), "invalid_value n");
  EXPECT_EQ(outcome(asked(R"("n":0)")), "invalid_value n");
  EXPECT_EQ(outcome(asked(R"("n":"1")")), "invalid_type n");
}

// Whether the answer goes on with the last message; or the refusal.
std::string continuation(const std::string& messages, const std::string& fields = "") {
  const auto request = read_chat_request(body_of("{" + fields + R"("messages":[)" + messages + "]}"), {});
  if (!request) return outcome(request);
  return request->continue_final ? "continued" : "new";
}

TEST(ChatRequest, ContinuesALastMessageOfTheAssistant) {
  const std::string user = R"({"role":"user","content":"What?"})", assistant = R"({"role":"assistant","content":"A"})";
  const std::string begun = user + "," + assistant;
  EXPECT_EQ(continuation(user), "new");
  EXPECT_EQ(continuation(assistant + "," + user), "new");
  EXPECT_EQ(continuation(begun), "continued");
  EXPECT_EQ(continuation(begun, R"("continue_final_message":true,"add_generation_prompt":false,)"), "continued");
  EXPECT_EQ(continuation(begun, R"("continue_final_message":false,)"), "new");
  EXPECT_EQ(continuation(begun, R"("add_generation_prompt":true,)"), "new");
  EXPECT_EQ(continuation(user + R"(,{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f"}}]})"),
            "new");
  EXPECT_EQ(continuation(user, R"("continue_final_message":true,)"), "invalid_value continue_final_message");
  EXPECT_EQ(continuation(user, R"("add_generation_prompt":false,)"), "new");
  EXPECT_EQ(continuation(begun, R"("continue_final_message":true,"add_generation_prompt":true,)"),
            "invalid_value add_generation_prompt");
}

TEST(ChatRequest, HandsVariablesToTheTemplate) {
  EXPECT_EQ(asked(R"("chat_template_kwargs":{"enable_thinking": false})")->template_args,
            R"({"enable_thinking":false})");
  EXPECT_EQ(asked(R"("chat_template_kwargs":{})")->template_args, "");
  EXPECT_EQ(outcome(asked(R"("chat_template_kwargs":"x")")), "invalid_type chat_template_kwargs");
  EXPECT_EQ(asked(R"("chat_template_kwargs":{"add_generation_prompt":false,"a\"b":[1, 2],"c":{}})")->template_args,
            R"({"a\"b":[1,2],"c":{}})")
      << "the field of the request says it";
}

TEST(ChatRequest, MayEndThePromptBehindTheLastMessage) {
  EXPECT_EQ(asked(R"("add_generation_prompt":false)")->template_args, R"({"add_generation_prompt":false})");
  EXPECT_EQ(asked(R"("add_generation_prompt":false,"chat_template_kwargs":{"a":1})")->template_args,
            R"({"add_generation_prompt":false,"a":1})");
  EXPECT_EQ(asked(R"("add_generation_prompt":true)")->template_args, "");
}

TEST(ChatRequest, RefusesToEcho) {
  EXPECT_EQ(outcome(asked(R"("echo":true)")), "unsupported_parameter echo");
  EXPECT_TRUE(asked(R"("echo":false)"));
}

TEST(ChatRequest, RefusesWrongTypes) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("model":1)", "model"},
      {R"("stream":"yes")", "stream"},
      {R"("stream_options":[])", "stream_options"},
      {R"("stream_options":{"include_usage":1})", "stream_options.include_usage"},
      {R"("cache_salt":7)", "cache_salt"},
      {R"("temperature":"hot")", "temperature"},
      {R"("logprobs":1)", "logprobs"},
      {R"("logprobs":true,"top_logprobs":"all")", "top_logprobs"},
      {R"("response_format":"json_object")", "response_format"},
  };
  for (const auto& [fields, param] : cases)
    EXPECT_EQ(outcome(asked(fields)), std::string("invalid_type ") + param) << fields;
}

TEST(ChatRequest, GivesLogProbabilitiesOnlyWhereTheyAreAsked) {
  EXPECT_EQ(asked(R"("logprobs":true)")->top_logprobs, 0);
  EXPECT_EQ(asked(R"("logprobs":false)")->top_logprobs, std::nullopt);
  EXPECT_EQ(asked(R"("logprobs":true,"top_logprobs":20)")->top_logprobs, 20);
  EXPECT_EQ(outcome(asked(R"("logprobs":true,"top_logprobs":21)")), "invalid_value top_logprobs");
  EXPECT_EQ(outcome(asked(R"("logprobs":true,"top_logprobs":-1)")), "invalid_value top_logprobs");
  EXPECT_EQ(outcome(asked(R"("top_logprobs":1)")), "invalid_value top_logprobs");
}

TEST(ChatRequest, HasAnEndToTheSalt) {
  EXPECT_TRUE(asked(R"("cache_salt":")" + std::string(256, 's') + '"'));
  EXPECT_EQ(outcome(asked(R"("cache_salt":")" + std::string(257, 's') + '"')), "invalid_value cache_salt");
}

TEST(ChatRequest, WantsMessages) {
  EXPECT_EQ(outcome(read_chat_request(body_of("{}"), {})), "missing_required_parameter messages");
  EXPECT_EQ(outcome(read_chat_request(body_of(R"({"messages":null})"), {})), "missing_required_parameter messages");
  EXPECT_EQ(outcome(read_chat_request(body_of(R"({"messages":"hello"})"), {})), "invalid_type messages");
  EXPECT_EQ(outcome(read_chat_request(body_of(R"({"messages":[]})"), {})), "invalid_value messages");
  EXPECT_EQ(outcome(read_chat_request(body_of(R"({"messages":["hello"]})"), {})), "invalid_type messages[0]");
}

TEST(ChatRequest, HasAnEndToMessages) {
  const RequestRules rules{.messages_max = 2};
  const std::string one = R"({"role":"user","content":"a"})";
  EXPECT_TRUE(read_chat_request(body_of(R"({"messages":[)" + one + "," + one + "]}"), rules));
  EXPECT_EQ(outcome(read_chat_request(body_of(R"({"messages":[)" + one + "," + one + "," + one + "]}"), rules)),
            "invalid_value messages");
}

TEST(ChatRequest, StartsFromTheOperatorsDefaults) {
  const RequestRules rules{.defaults = {.temperature = 0.7, .max_tokens = 9}};
  const auto request = read_chat_request(body_of(R"({"temperature":0.1,)" + std::string(question) + "}"), rules);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->options.temperature, 0.1);
  EXPECT_EQ(request->options.max_tokens, 9);
}

}  // namespace
}  // namespace fovea::serve
