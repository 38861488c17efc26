#include "serve/openai/responses_request.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;
using test::value_at;

// Two stored responses, of which the second continues the first.
class Earlier final : public EarlierResponses {
 public:
  Parsed<std::vector<std::string>> conversation(std::string_view id) override {
    if (id != "resp_2") return refuse("previous_response_id", "unknown", "response_not_found");
    return std::vector<std::string>{
        R"({"id":"msg_1","type":"message","role":"user","content":[{"type":"input_text","text":"What is it?"},)"
        R"({"type":"input_image","image_url":"data:image/gif;base64,R0lGODlh"}]})",
        R"({"id":"msg_2","type":"message","status":"completed","role":"assistant",)"
        R"("content":[{"type":"output_text","text":"A cat.","annotations":[],"logprobs":[]}]})"};
  }
  Parsed<std::string> item(std::string_view id, const std::string& where) override {
    if (id != "msg_2") return refuse(where, "unknown", "item_not_found");
    return R"({"id":"msg_2","type":"message","role":"assistant","content":"A cat."})";
  }
};

Parsed<ResponsesRequest> read(const std::string& fields, const RequestRules& rules = {}) {
  Earlier earlier;
  return read_responses_request(body_of("{" + fields + "}"), rules, earlier);
}

// With an input besides.
Parsed<ResponsesRequest> with(const std::string& fields) { return read(R"("input":"What is it?",)" + fields); }

TEST(ResponsesRequest, AnInputMayBeAText) {
  const auto request = read(R"("input":"What is it?")");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->asked.messages.size(), 1U);
  EXPECT_EQ(request->asked.messages[0].role, "user");
  EXPECT_EQ(request->asked.messages[0].parts, std::vector<PromptPart>{"What is it?"});
  EXPECT_FALSE(request->store);
  EXPECT_TRUE(request->input.empty());
}

TEST(ResponsesRequest, AnInputMayBeMessagesWithImages) {
  const auto request = read(R"("input":[{"role":"user","content":[
      {"type":"input_image","image_url":"data:image/gif;base64,R0lGODlh"},{"type":"input_text","text":"What is it?"}]},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"A cat."}]}])");
  ASSERT_TRUE(request);
  const ChatRequest& asked = request->asked;
  ASSERT_EQ(asked.messages.size(), 2U);
  EXPECT_EQ(asked.messages[0].parts, (std::vector<PromptPart>{ImageSlot{0}, "What is it?"}));
  EXPECT_EQ(asked.messages[1].parts, std::vector<PromptPart>{"A cat."});
  EXPECT_FALSE(asked.continue_final);
  ASSERT_EQ(asked.images.size(), 1U);
  EXPECT_EQ(std::get<Blob>(asked.images[0].from).text(), "GIF89a");
}

TEST(ResponsesRequest, InstructionsAreASystemMessage) {
  const auto request = with(R"("instructions":"Be brief.")");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->asked.messages[0].role, "system");
  EXPECT_EQ(request->asked.messages[0].parts, std::vector<PromptPart>{"Be brief."});
  EXPECT_EQ(request->asked.messages[1].role, "user");
}

TEST(ResponsesRequest, ReadsSamplingDeliveryAndTools) {
  const auto request = with(R"("max_output_tokens":7,"temperature":0,"stream":true,"model":"m",
      "text":{"format":{"type":"json_object"},"verbosity":"low"},
      "tools":[{"type":"function","name":"count","parameters":{}}],"tool_choice":"required")");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->asked.options.max_tokens, 7);
  EXPECT_EQ(request->asked.options.temperature, 0);
  EXPECT_TRUE(request->asked.stream);
  EXPECT_EQ(request->asked.model, "m");
  EXPECT_TRUE(request->asked.options.json_schema);
  EXPECT_EQ(request->asked.options.tools.tools.at(0).name, "count");
  EXPECT_EQ(request->asked.options.tools.choice, ToolChoice::required);
}

TEST(ResponsesRequest, TheReplyRepeatsWhatWasAsked) {
  const auto bare = with(R"("temperature":0.5)");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->settings.temperature, "0.5");
  EXPECT_EQ(bare->settings.metadata, "{}");
  EXPECT_EQ(bare->settings.tool_choice, R"("auto")");
  EXPECT_EQ(bare->settings.instructions, "null");
  const auto full =
      with(R"("metadata":{"a": "b"},"tool_choice":"none","instructions":"x","user":"u","truncation":"auto",
      "reasoning":{"effort":"low"},"max_tool_calls":3,"parallel_tool_calls":false,"prompt_cache_key":"k")");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->settings.metadata, R"({"a":"b"})");
  EXPECT_EQ(full->settings.tool_choice, R"("none")");
  EXPECT_EQ(full->settings.instructions, R"("x")");
  EXPECT_EQ(full->settings.reasoning, R"({"effort":"low","summary":null})");
  EXPECT_EQ(full->settings.max_tool_calls, "3");
  EXPECT_EQ(full->settings.parallel_tool_calls, "false");
}

TEST(ResponsesRequest, TheReplyHasWhatTheRequestLeavesOut) {
  const auto request =
      with(R"("text":{"verbosity":"low"},"reasoning":{"effort":null,"summary":"auto"},"max_tokens":7)");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->settings.text, R"({"verbosity":"low","format":{"type":"text"}})");
  EXPECT_EQ(request->settings.reasoning, R"({"summary":"auto","effort":null})");
  EXPECT_EQ(request->settings.max_output_tokens, "7");
  EXPECT_EQ(with("\"temperature\":0")->settings.text, R"({"format":{"type":"text"}})");
}

TEST(ResponsesRequest, AReplyHasOneAnswer) {
  EXPECT_EQ(outcome(with(R"("n":1)")), "read");
  EXPECT_EQ(outcome(with(R"("n":2)")), "unsupported_value n");
}

TEST(ResponsesRequest, NamesTheFieldThatHasTheAnswersSchema) {
  const std::string text = R"("text":{"format":{"type":"json_object"}})";
  EXPECT_EQ(with(text)->asked.format_field, "text.format");
  EXPECT_EQ(with(R"("guided_json":{})")->asked.format_field, "guided_json");
  EXPECT_EQ(outcome(with(text + R"(,"guided_json":{})")), "invalid_value text.format");
}

TEST(ResponsesRequest, ContinuesAStoredResponse) {
  const auto request = with(R"("previous_response_id":"resp_2","instructions":"Be brief.","store":true)");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->previous, "resp_2");
  const ChatRequest& asked = request->asked;
  ASSERT_EQ(asked.messages.size(), 4U);
  EXPECT_EQ(asked.messages[0].role, "system");
  EXPECT_EQ(asked.messages[1].parts, (std::vector<PromptPart>{"What is it?", ImageSlot{0}}));
  EXPECT_EQ(asked.messages[2].parts, std::vector<PromptPart>{"A cat."});
  EXPECT_EQ(asked.messages[3].parts, std::vector<PromptPart>{"What is it?"});
  EXPECT_EQ(asked.images.size(), 1U);
  EXPECT_EQ(request->input.size(), 1U) << "only its own items are stored";
  EXPECT_EQ(outcome(with(R"("previous_response_id":"resp_1")")), "response_not_found previous_response_id");
}

TEST(ResponsesRequest, WhatIsLeftOutIsTheOperators) {
  const RequestRules stores{.store_responses = true};
  EXPECT_TRUE(read(R"("input":"a")", stores)->store);
  EXPECT_FALSE(read(R"("input":"a","store":false)", stores)->store);
}

TEST(ResponsesRequest, StoresItsItemsWithIds) {
  const auto request = read(R"("store":true,"input":[{"role":"user","content":"a"},
      {"type":"item_reference","id":"msg_2"},{"id":"fc_1","type":"function_call","call_id":"c","name":"n"},
      {"id":null,"type":"function_call_output","call_id":"c","output":"7"}])");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->input.size(), 4U);
  EXPECT_TRUE(request->input[0].id.starts_with("msg_"));
  EXPECT_EQ(request->input[0].json,
            R"({"id":")" + request->input[0].id + R"(","type":"message","role":"user","content":"a"})");
  EXPECT_EQ(request->input[1].id, "msg_2");
  EXPECT_EQ(value_at(request->input[1].json, "/content"), R"("A cat.")");
  EXPECT_EQ(request->input[2].id, "fc_1");
  EXPECT_EQ(value_at(request->input[3].json, "/output"), R"("7")");
}

TEST(ResponsesRequest, ContinuesALastMessageOnlyWhereItIsAskedTo) {
  const std::string input = R"("input":[{"role":"user","content":"a"},{"role":"assistant","content":"It is"}])";
  EXPECT_FALSE(read(input)->asked.continue_final);
  EXPECT_TRUE(read(input + R"(,"continue_final_message":true)")->asked.continue_final);
  EXPECT_EQ(outcome(with(R"("continue_final_message":true)")), "invalid_value continue_final_message");
}

TEST(ResponsesRequest, ReadsHowManyLogProbabilitiesAreWanted) {
  EXPECT_FALSE(with(R"("top_logprobs":3)")->asked.top_logprobs);
  EXPECT_EQ(with(R"("top_logprobs":3,"include":["message.output_text.logprobs"])")->asked.top_logprobs, 3);
  EXPECT_EQ(with(R"("include":["message.output_text.logprobs"])")->asked.top_logprobs, 0);
  EXPECT_EQ(outcome(with(R"("top_logprobs":21)")), "invalid_value top_logprobs");
}

TEST(ResponsesRequest, RefusesServicesAndToolsOfOpenAisByName) {
  EXPECT_EQ(outcome(with(R"("conversation":"conv_1")")), "unsupported_parameter conversation");
  EXPECT_EQ(outcome(with(R"("tools":[{"type":"web_search"}])")), "unsupported_value tools[0].type");
  EXPECT_EQ(outcome(with(R"("background":true)")), "unsupported_parameter background");
  EXPECT_EQ(outcome(with(R"("prompt":{"id":"p"})")), "unsupported_parameter prompt");
  EXPECT_EQ(outcome(with(R"("include":["message.output_text.logprobs"],"tools":[{"name":"count"}])")),
            "unsupported_value include");
  EXPECT_EQ(outcome(with(R"("include":["anything"])")), "unsupported_value include");
  EXPECT_EQ(outcome(with(R"("grammar":"root ::= x")")), "unsupported_parameter grammar");
}

TEST(ResponsesRequest, AcceptsSuchFieldsWhereTheyAskForNothing) {
  EXPECT_EQ(outcome(with(R"("previous_response_id":null,"tools":[],"background":false,"conversation":null,
      "include":["reasoning.encrypted_content"])")),
            "read");
}

TEST(ResponsesRequest, RefusesValuesThatOpenAiRefuses) {
  EXPECT_EQ(outcome(with(R"("text":{"verbosity":"loud"})")), "invalid_value text.verbosity");
  EXPECT_EQ(outcome(with(R"("truncation":"middle")")), "invalid_value truncation");
  EXPECT_EQ(outcome(with(R"("metadata":7)")), "invalid_type metadata");
  EXPECT_EQ(outcome(with(R"("reasoning":"low")")), "invalid_type reasoning");
  EXPECT_EQ(outcome(with(R"("store":"yes")")), "invalid_type store");
  EXPECT_EQ(outcome(with(R"("metadata":{"a":")" + std::string(20'000, 'b') + R"("})")), "invalid_value metadata");
}

TEST(ResponsesRequest, RefusesOtherInputs) {
  EXPECT_EQ(outcome(read(R"("model":"m")")), "missing_required_parameter input");
  EXPECT_EQ(outcome(read(R"("input":[])")), "invalid_value input");
  EXPECT_EQ(outcome(read(R"("input":7)")), "invalid_type input");
  EXPECT_EQ(outcome(read(R"("input":[{"type":"reasoning","id":"r","summary":[]}])")), "invalid_value input");
  EXPECT_EQ(
      outcome(read(R"("input":[{"role":"user","content":"a"},{"role":"user","content":"b"}])", {.messages_max = 1})),
      "invalid_value input");
}

}  // namespace
}  // namespace fovea::serve
