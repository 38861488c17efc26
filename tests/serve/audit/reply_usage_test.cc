#include "serve/audit/reply_usage.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

TEST(ReplyUsage, OfChatCompletions) {
  const ReplyUsage usage = reply_usage(
      R"({"id":"x","choices":[{"message":{"content":"He said \"usage\":{\"prompt_tokens\":1}"}}],)",
      R"("usage": {"prompt_tokens": 30, "completion_tokens": 4.0, "prompt_tokens_details": {"cached_tokens": 20}}})");
  EXPECT_EQ(usage.prompt_tokens, 30u);
  EXPECT_EQ(usage.answer_tokens, 4u);
  EXPECT_EQ(usage.cached_tokens, 20u);
}

TEST(ReplyUsage, OfResponses) {
  const ReplyUsage usage = reply_usage(
      R"({"object":"response","usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":0},"output_tokens":2},)",
      R"("metadata":{}})");
  EXPECT_EQ(usage.prompt_tokens, 7u);
  EXPECT_EQ(usage.answer_tokens, 2u);
  EXPECT_EQ(usage.cached_tokens, 0u);
}

// Anthropic's prompts are input, read and written together. The stream's last event has the answer's tokens.
TEST(ReplyUsage, OfAStreamOfMessages) {
  const ReplyUsage usage = reply_usage(
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5,"
      "\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":10,\"output_tokens\":1}}}\n\n",
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":42}}\n\n");
  EXPECT_EQ(usage.prompt_tokens, 115u);
  EXPECT_EQ(usage.answer_tokens, 42u);
  EXPECT_EQ(usage.cached_tokens, 100u);
}

TEST(ReplyUsage, OfAStreamOfChunks) {
  const ReplyUsage usage =
      reply_usage("",
                  "data: {\"choices\":[],\"usage\":null}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
                  "\"completion_tokens\":3}}\n\ndata: [DONE]\n\n");
  EXPECT_EQ(usage.prompt_tokens, 9u);
  EXPECT_EQ(usage.answer_tokens, 3u);
  EXPECT_FALSE(usage.cached_tokens);
}

TEST(ReplyUsage, AnObjectMayLieAcrossBothEnds) {
  const std::string whole = R"({"usage":{"prompt_tokens":12,"completion_tokens":34}})";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const ReplyUsage usage = reply_usage(whole.substr(0, cut), whole.substr(cut));
    EXPECT_EQ(usage.prompt_tokens, 12u) << cut;
    EXPECT_EQ(usage.answer_tokens, 34u) << cut;
  }
}

TEST(ReplyUsage, WhatCannotBeReadIsAbsent) {
  for (const char* text : {"", "\"usage\"", "\"usage\":", "\"usage\":{", "\"usage\":{\"prompt_tokens\":",
                           "\"usage\":{\"prompt_tokens\":-1}", "\"usage\":{\"prompt_tokens\":\"many\"}",
                           "\"usage\":{\"prompt_tokens\":1e300}", "\"usage\":[]", "\"usage\":{\"prompt_tokens\":1.5}",
                           "\"usage\":}{", "\xff\"usage\":{\xff}"}) {
    const ReplyUsage usage = reply_usage("", text);
    EXPECT_FALSE(usage.prompt_tokens || usage.answer_tokens || usage.cached_tokens) << text;
  }
}

}  // namespace
}  // namespace fovea::serve
