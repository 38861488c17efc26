#include "serve/openai/responses_request.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

Parsed<ChatRequest> read(const std::string& fields, const RequestRules& rules = {}) {
  return read_responses_request(body_of("{" + fields + "}"), rules);
}

// With an input besides.
Parsed<ChatRequest> with(const std::string& fields) { return read(R"("input":"What is it?",)" + fields); }

TEST(ResponsesRequest, AnInputMayBeAText) {
  const auto request = read(R"("input":"What is it?")");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->messages.size(), 1U);
  EXPECT_EQ(request->messages[0].role, "user");
  EXPECT_EQ(request->messages[0].parts, std::vector<PromptPart>{"What is it?"});
}

TEST(ResponsesRequest, AnInputMayBeMessagesWithImages) {
  const auto request = read(R"("input":[{"role":"user","content":[
      {"type":"input_image","image_url":"data:image/gif;base64,R0lGODlh"},{"type":"input_text","text":"What is it?"}]},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"A cat."}]}])");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->messages.size(), 2U);
  EXPECT_EQ(request->messages[0].parts, (std::vector<PromptPart>{ImageSlot{0}, "What is it?"}));
  EXPECT_EQ(request->messages[1].parts, std::vector<PromptPart>{"A cat."});
  ASSERT_EQ(request->images.size(), 1U);
  EXPECT_EQ(std::get<Blob>(request->images[0].from).text(), "GIF89a");
}

TEST(ResponsesRequest, InstructionsAreASystemMessage) {
  const auto request = with(R"("instructions":"Be brief.")");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->messages[0].role, "system");
  EXPECT_EQ(request->messages[0].parts, std::vector<PromptPart>{"Be brief."});
  EXPECT_EQ(request->messages[1].role, "user");
}

TEST(ResponsesRequest, ReadsSamplingAndDelivery) {
  const auto request = with(R"("max_output_tokens":7,"temperature":0,"stream":true,"model":"m",
      "text":{"format":{"type":"json_object"}})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->options.max_tokens, 7);
  EXPECT_EQ(request->options.temperature, 0);
  EXPECT_TRUE(request->stream);
  EXPECT_EQ(request->model, "m");
  EXPECT_TRUE(request->options.json_schema);
}

TEST(ResponsesRequest, RefusesWhatNeedsStateOrToolsByName) {
  EXPECT_EQ(outcome(with(R"("previous_response_id":"resp_1")")), "unsupported_parameter previous_response_id");
  EXPECT_EQ(outcome(with(R"("tools":[{"type":"web_search"}])")), "unsupported_parameter tools");
  EXPECT_EQ(outcome(with(R"("background":true)")), "unsupported_parameter background");
}

TEST(ResponsesRequest, AcceptsSuchFieldsWhereTheyAskForNothing) {
  EXPECT_EQ(outcome(with(R"("previous_response_id":null,"tools":[],"background":false)")), "read");
}

TEST(ResponsesRequest, RefusesOtherInputs) {
  EXPECT_EQ(outcome(read(R"("model":"m")")), "missing_required_parameter input");
  EXPECT_EQ(outcome(read(R"("input":[])")), "invalid_type input");
  EXPECT_EQ(outcome(read(R"("input":7)")), "invalid_type input");
  EXPECT_EQ(outcome(read(R"("input":[{"type":"item_reference","id":"x"}])")), "unsupported_value input[0].type");
  EXPECT_EQ(
      outcome(read(R"("input":[{"role":"user","content":"a"},{"role":"user","content":"b"}])", {.messages_max = 1})),
      "invalid_value input");
}

}  // namespace
}  // namespace fovea::serve
