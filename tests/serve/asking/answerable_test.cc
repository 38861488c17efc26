#include "serve/asking/answerable.h"

#include <gtest/gtest.h>

#include <utility>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::outcome;

ChatRequest ending_in(Message last) {
  ChatRequest request;
  request.continue_final = last.role == "assistant" && last.tool_calls.empty();
  request.messages = {{.role = "user", .parts = {"What is it?"}, .tool_calls = {}, .tool_call_id = {}},
                      std::move(last)};
  return request;
}

Message said(const char* text) { return {.role = "assistant", .parts = {text}, .tool_calls = {}, .tool_call_id = {}}; }

std::string checked(const ChatRequest& request) { return outcome(check_answerable(request, "messages")); }

TEST(Answerable, ACallHasToBeFollowedByItsResult) {
  Message call = said("I look.");
  call.tool_calls = {{"c1", "find", "{}"}};
  EXPECT_EQ(checked(ending_in(call)), "invalid_value messages");
  ChatRequest with_result = ending_in(call);
  with_result.messages.push_back({.role = "tool", .parts = {"a cat"}, .tool_calls = {}, .tool_call_id = "c1"});
  EXPECT_EQ(checked(with_result), "read");
}

TEST(Answerable, WhatHasAFormCannotBeginAmidstIt) {
  ChatRequest request = ending_in(said("{"));
  EXPECT_EQ(checked(request), "read");
  request.options.json_schema = R"({"type":"object"})";
  EXPECT_EQ(checked(request), "invalid_value messages");
  request.continue_final = false;
  EXPECT_EQ(checked(request), "read");
}

TEST(Answerable, ACallIsNotBegunByTheRequest) {
  ChatRequest request = ending_in(said("I look. <tool_call>"));
  EXPECT_EQ(checked(request), "read");
  request.options.tools.tools = {{.name = "find"}};
  EXPECT_EQ(checked(request), "invalid_value messages");
  for (const char* begun : {"[TOOL_CALLS]", "<|python_tag|>", "<|tool_call|>"}) {
    request.messages.back() = said(begun);
    EXPECT_EQ(checked(request), "invalid_value messages") << begun;
  }
  for (const char* text : {"I look.", "Usage: foo [ARGS]", "</tool_call>"}) {
    request.messages.back() = said(text);
    EXPECT_EQ(checked(request), "read") << text;
  }
}

TEST(Answerable, AnEmptyTextIsNoContent) {
  EXPECT_FALSE(has_content({.role = "assistant", .parts = {}, .tool_calls = {}, .tool_call_id = {}}));
  EXPECT_FALSE(has_content(said("")));
  EXPECT_TRUE(has_content(said("a")));
  EXPECT_TRUE(has_content({.role = "assistant", .parts = {ImageSlot{0}}, .tool_calls = {}, .tool_call_id = {}}));
}

}  // namespace
}  // namespace fovea::serve
