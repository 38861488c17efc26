#include "serve/openai/responses_items.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;
using test::value_at;

class NothingStored final : public EarlierResponses {
 public:
  Parsed<std::vector<std::string>> conversation(std::string_view) override { return refuse("id", "none", "not_found"); }
  Parsed<std::string> item(std::string_view, const std::string& where) override {
    return refuse(where, "none", "item_not_found");
  }
};

// Of the items in the list `items`.
Parsed<ChatRequest> read(const std::string& items) {
  ChatRequest request;
  NothingStored earlier;
  const JsonObject body = body_of(R"({"items":)" + items + "}");
  for (const Json item : body.find("items")->get_array().value()) {
    if (auto done = read_item(JsonObject::of(item, "input[0]").value(), {}, earlier, request); !done)
      return std::unexpected(done.error());
  }
  return request;
}

TEST(ResponsesItems, CallsBelongToTheMessageBeforeThem) {
  const auto request = read(R"([{"role":"user","content":"a"},
      {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"I look.","annotations":[]}]},
      {"type":"function_call","id":"fc_1","call_id":"call_1","name":"find","arguments":"{\"a\":1}","status":"completed"},
      {"type":"function_call","call_id":"call_2","name":"count","arguments":""}])");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->messages.size(), 2U);
  EXPECT_EQ(request->messages[1].parts, std::vector<PromptPart>{"I look."});
  EXPECT_EQ(request->messages[1].tool_calls,
            (std::vector<ToolCall>{{"call_1", "find", R"({"a":1})"}, {"call_2", "count", "{}"}}));
}

TEST(ResponsesItems, CallsWithoutAMessageMakeOne) {
  const auto request = read(R"([{"role":"user","content":"a"},
      {"type":"function_call","call_id":"call_1","name":"find","arguments":"{}"}])");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->messages.size(), 2U);
  EXPECT_EQ(request->messages[1].role, "assistant");
  EXPECT_EQ(request->messages[1].tool_calls.size(), 1U);
}

// Incident 30: pictures from tools are pictures like any other.
TEST(ResponsesItems, OutputsAreMessagesOfTheToolWithTheirPictures) {
  const auto request = read(R"([{"type":"function_call","call_id":"call_1","name":"a"},
      {"type":"function_call","call_id":"call_2","name":"a"},
      {"type":"function_call_output","call_id":"call_1","output":"7"},
      {"type":"function_call_output","call_id":"call_2","output":[{"type":"input_text","text":"seen"},
      {"type":"input_image","image_url":"data:image/gif;base64,R0lGODlh"}]}])");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->messages.size(), 3U);
  EXPECT_EQ(request->messages[1].role, "tool");
  EXPECT_EQ(request->messages[1].tool_call_id, "call_1");
  EXPECT_EQ(request->messages[1].parts, std::vector<PromptPart>{"7"});
  EXPECT_EQ(request->messages[2].parts, (std::vector<PromptPart>{"seen", ImageSlot{0}}));
  EXPECT_EQ(std::get<Blob>(request->images.at(0).from).text(), "GIF89a");
}

TEST(ResponsesItems, AMessageHasABoundedNumberOfCalls) {
  std::string calls = R"({"type":"function_call","call_id":"a","name":"b"})";
  for (int i = 1; i < 1000; ++i) calls += R"(,{"type":"function_call","call_id":"a","name":"b"})";
  EXPECT_TRUE(read("[" + calls + "]"));
  EXPECT_EQ(outcome(read("[" + calls + R"(,{"type":"function_call","call_id":"a","name":"b"}])")),
            "invalid_value input[0].type");
}

TEST(ResponsesItems, RefusesWhatCannotBeRead) {
  EXPECT_EQ(outcome(read(R"([{"type":"web_search_call","id":"w"}])")), "unsupported_value input[0].type");
  EXPECT_EQ(outcome(read(R"([{"type":"item_reference","id":"msg_1"}])")), "item_not_found input[0].id");
  EXPECT_EQ(outcome(read(R"([{"type":"item_reference"}])")), "missing_required_parameter input[0].id");
  EXPECT_EQ(outcome(read(R"([{"type":"function_call","name":"a"}])")), "missing_required_parameter input[0].call_id");
  EXPECT_EQ(outcome(read(R"([{"type":"function_call","call_id":"a"}])")), "missing_required_parameter input[0].name");
  EXPECT_EQ(outcome(read(R"([{"type":"function_call","call_id":"a","name":"b","arguments":{}}])")),
            "invalid_type input[0].arguments");
  EXPECT_EQ(outcome(read(R"([{"type":"function_call_output","output":"a"}])")),
            "missing_required_parameter input[0].call_id");
  EXPECT_EQ(outcome(read(R"([{"type":"function_call_output","call_id":"a","output":"b"}])")),
            "invalid_value input[0].call_id");
}

TEST(ResponsesItems, AStoredItemIsReadAgain) {
  const StoredItem text = stored_item("a \"quoted\" question");
  EXPECT_EQ(value_at(text.json, "/content/0/text"), R"("a \"quoted\" question")");
  const StoredItem message = stored_item(body_of(R"({"content":"b","role":"user","id":null})"));
  EXPECT_EQ(value_at(message.json, "/id"), '"' + message.id + '"');
  ChatRequest request;
  ASSERT_TRUE(read_stored_item(text.json, "x", {}, request));
  ASSERT_TRUE(read_stored_item(message.json, "x", {}, request));
  EXPECT_EQ(request.messages.at(0).parts, std::vector<PromptPart>{"a \"quoted\" question"});
  EXPECT_EQ(request.messages.at(1).parts, std::vector<PromptPart>{"b"});
  EXPECT_EQ(outcome(read_stored_item("{", "x", {}, request)), "internal x");
}

}  // namespace
}  // namespace fovea::serve
