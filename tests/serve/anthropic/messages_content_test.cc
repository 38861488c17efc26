#include "serve/anthropic/messages_content.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve::anthropic {
namespace {

using test::body_of;
using test::outcome;

constexpr const char* gif = R"({"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0lGODlh"}})";

// Of the turns in the list `turns`.
Parsed<ChatRequest> read(const std::string& turns, const RequestRules& rules = {}) {
  ChatRequest request;
  const JsonObject body = body_of(R"({"turns":)" + turns + "}");
  std::size_t index = 0;
  for (const Json turn : body.find("turns")->get_array().value()) {
    const std::string where = "messages[" + std::to_string(index++) + "]";
    if (auto done = read_turn(JsonObject::of(turn, where).value(), where, rules, request); !done)
      return std::unexpected(done.error());
  }
  return request;
}

std::string roles_of(const ChatRequest& request) {
  std::string roles;
  for (const Message& message : request.messages) roles += message.role + " ";
  return roles;
}

// The refusal of one turn of the user with this block.
std::string of_block(const std::string& block, const std::string& role = "user") {
  return outcome(read(R"([{"role":")" + role + R"(","content":[)" + block + "]}]"));
}

TEST(MessagesContent, ATurnIsATextOrBlocks) {
  const auto request = read(R"([{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi."},
      {"role":"user","content":[)" +
                            std::string(gif) + R"(,{"type":"text","text":"What is it?",
      "cache_control":{"type":"ephemeral"}}]}])");
  ASSERT_TRUE(request);
  EXPECT_EQ(roles_of(*request), "user assistant user ");
  EXPECT_EQ(request->messages[0].parts, std::vector<PromptPart>{"Hello"});
  EXPECT_EQ(request->messages[2].parts, (std::vector<PromptPart>{ImageSlot{0}, "What is it?"}));
  ASSERT_EQ(request->images.size(), 1U);
  EXPECT_EQ(std::get<Blob>(request->images[0].from).text(), "GIF89a");
  EXPECT_EQ(request->images[0].where, "messages[2].content[0].source.data");
}

TEST(MessagesContent, APictureMayBeNamed) {
  const auto request = read(R"([{"role":"user","content":[
      {"type":"image","source":{"type":"url","url":"https://example.org/a.png"}},
      {"type":"image","source":{"type":"file","file_id":"file-1"}}]}])");
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<ImageUrl>(request->images[0].from).url, "https://example.org/a.png");
  EXPECT_EQ(std::get<ImageFileId>(request->images[1].from).id, "file-1");
}

TEST(MessagesContent, TurnsOfOneRoleBecomeOne) {
  const auto request = read(R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->messages.size(), 1U);
  EXPECT_EQ(request->messages[0].parts, std::vector<PromptPart>{"a\nb"});
}

TEST(MessagesContent, TextBehindTextBeginsALine) {
  const auto request = read(R"([{"role":"user","content":[{"type":"text","text":"<note>a</note>"},
      {"type":"text","text":"What is it?"},)" +
                            std::string(gif) + R"(,{"type":"text","text":"b"}]},{"role":"user","content":"c"}])");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->messages[0].parts, (std::vector<PromptPart>{"<note>a</note>\nWhat is it?", ImageSlot{0}, "b\nc"}));
}

TEST(MessagesContent, ToolUsesAreCallsOfTheAssistant) {
  const auto request = read(R"([{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"x"},
      {"type":"text","text":"I look."},{"type":"tool_use","id":"toolu_1","name":"find","input":{"what": "a cat"}},
      {"type":"tool_use","id":"toolu_2","name":"count","input":{}}]}])");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->messages.size(), 1U);
  EXPECT_EQ(request->messages[0].parts, std::vector<PromptPart>{"I look."});
  EXPECT_EQ(request->messages[0].tool_calls,
            (std::vector<ToolCall>{{"toolu_1", "find", R"({"what":"a cat"})"}, {"toolu_2", "count", "{}"}}));
}

// Incident 30: pictures from tools are pictures like any other.
TEST(MessagesContent, ResultsAreMessagesInTheirOrderBesideText) {
  const auto request = read(R"([{"role":"user","content":[{"type":"text","text":"before"},
      {"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"seen"},)" +
                            std::string(gif) + R"(]},
      {"type":"tool_result","tool_use_id":"toolu_2","content":"7"},
      {"type":"tool_result","tool_use_id":"toolu_3","is_error":true,"content":"no file"},
      {"type":"tool_result","tool_use_id":"toolu_4"},
      {"type":"text","text":"after"},)" +
                            gif + "]}]");
  ASSERT_TRUE(request);
  EXPECT_EQ(roles_of(*request), "user tool tool tool tool user ");
  EXPECT_EQ(request->messages[1].tool_call_id, "toolu_1");
  EXPECT_EQ(request->messages[1].parts, (std::vector<PromptPart>{"seen", ImageSlot{0}}));
  EXPECT_EQ(request->messages[2].parts, std::vector<PromptPart>{"7"});
  EXPECT_EQ(request->messages[3].parts, std::vector<PromptPart>{"Error: no file"});
  EXPECT_TRUE(request->messages[4].parts.empty());
  EXPECT_EQ(request->messages[5].parts, (std::vector<PromptPart>{"after", ImageSlot{1}}));
  EXPECT_EQ(request->images[0].where, "messages[0].content[1].content[1].source.data");
}

TEST(MessagesContent, SystemIsATextOrBlocks) {
  const auto system = [](const std::string& value) {
    ChatRequest request;
    const auto read = read_system(body_of(R"({"system":)" + value + "}"), request);
    if (!read) return outcome(read);
    return request.messages.empty() ? "none" : std::get<std::string>(request.messages[0].parts.at(0));
  };
  EXPECT_EQ(system(R"("Be brief.")"), "Be brief.");
  EXPECT_EQ(system(R"([{"type":"text","text":"Be brief."},{"type":"text","text":"Be kind."}])"), "Be brief.\nBe kind.");
  EXPECT_EQ(system("null"), "none");
  EXPECT_EQ(system("[]"), "none");
  EXPECT_EQ(system("7"), "invalid_type system");
  EXPECT_EQ(system(R"([{"type":"image"}])"), "unsupported_value system[0].type");
}

TEST(MessagesContent, WhatDiffersInEachRequestOfAClientIsNoPartOfTheSystemPrompt) {
  ChatRequest request;
  ASSERT_TRUE(read_system(body_of(R"({"system":[{"type":"text","text":"x-anthropic-billing-header: cch=1;"},
      {"type":"text","text":"Be brief."}]})"),
                          request));
  EXPECT_EQ(request.messages.at(0).parts, std::vector<PromptPart>{"Be brief."});
}

TEST(MessagesContent, RefusesBlocksByName) {
  EXPECT_EQ(of_block("7"), "invalid_type messages[0].content[0]");
  EXPECT_EQ(of_block(R"({"text":"a"})"), "missing_required_parameter messages[0].content[0].type");
  EXPECT_EQ(of_block(R"({"type":"document"})"), "unsupported_value messages[0].content[0].type");
  EXPECT_EQ(of_block(R"({"type":"image"})"), "missing_required_parameter messages[0].content[0].source");
  EXPECT_EQ(of_block(R"({"type":"image","source":{"type":"ftp"}})"),
            "invalid_value messages[0].content[0].source.type");
  EXPECT_EQ(of_block(R"({"type":"tool_use","id":"a","name":"b","input":{}})"),
            "invalid_value messages[0].content[0].type");
  EXPECT_EQ(of_block(R"({"type":"tool_result","tool_use_id":"a"})", "assistant"),
            "invalid_value messages[0].content[0].type");
  EXPECT_EQ(of_block(R"({"type":"tool_use","id":"a","name":"b","input":"{}"})", "assistant"),
            "invalid_type messages[0].content[0].input");
  EXPECT_EQ(of_block(R"({"type":"tool_result","tool_use_id":"a","content":[{"type":"tool_result"}]})"),
            "unsupported_value messages[0].content[0].content[0].type");
  EXPECT_EQ(of_block(R"({"type":"text","text":"a"})", "tool"), "invalid_value messages[0].role");
  EXPECT_EQ(outcome(read(R"([{"role":"user"}])")), "missing_required_parameter messages[0].content");
}

TEST(MessagesContent, CountsPicturesOfToolsToo) {
  const std::string two = R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[)" +
                          std::string(gif) + "]}," + gif + "]}]";
  EXPECT_EQ(outcome(read(two, {.images_max = 2})), "read");
  EXPECT_EQ(outcome(read(two, {.images_max = 1})), "too_many_images messages[0].content[1].source.data");
}

}  // namespace
}  // namespace fovea::serve::anthropic
