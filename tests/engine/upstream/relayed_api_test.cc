#include "engine/upstream/relayed_api.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace fovea {
namespace {

using enum RelayedApi;

bool complete(RelayedApi api, const std::vector<std::pair<std::string, std::string>>& events) {
  AnswerEnd end(api);
  for (const auto& [type, data] : events) end.add({type, data});
  return end.complete();
}

TEST(RelayedApi, HasAPathBelowTheBase) {
  EXPECT_EQ(path_of(chat), "/chat/completions");
  EXPECT_EQ(path_of(completions), "/completions");
  EXPECT_EQ(path_of(responses), "/responses");
  EXPECT_EQ(path_of(messages), "/messages");
}

TEST(RelayedApi, AnAnswerIsWholeThatCameToItsEnd) {
  EXPECT_TRUE(is_whole_answer(completions, R"({"choices":[{"text":"a","finish_reason":"stop"}]})"));
  EXPECT_FALSE(is_whole_answer(completions, R"({"choices":[{"text":"a","finish_reason":null}]})"));
  EXPECT_FALSE(is_whole_answer(completions, R"({"choices":[]})"));
  EXPECT_TRUE(is_whole_answer(responses, R"({"status":"completed","error":null})"));
  EXPECT_TRUE(is_whole_answer(responses, R"({"status":"incomplete"})"));
  EXPECT_FALSE(is_whole_answer(responses, R"({"status":"in_progress"})"));
  EXPECT_FALSE(is_whole_answer(responses, R"({"status":"completed","error":{"message":"x"}})"));
  EXPECT_TRUE(is_whole_answer(messages, R"({"type":"message","stop_reason":"tool_use"})"));
  EXPECT_FALSE(is_whole_answer(messages, R"({"type":"message","stop_reason":null})"));
  EXPECT_FALSE(is_whole_answer(messages, R"({"type":"message","stop_reason":"pause_turn"})"));
  for (const RelayedApi api : {chat, completions, responses, messages}) {
    EXPECT_FALSE(is_whole_answer(api, "{"));
    EXPECT_FALSE(is_whole_answer(api, "[1]"));
    EXPECT_FALSE(is_whole_answer(api, R"({"error":{"message":"no"}})"));
  }
}

TEST(AnswerEnd, OfCompletionsIsEveryChoicesOwn) {
  const std::string open = R"({"choices":[{"index":0,"text":"a"},{"index":1,"text":"b","finish_reason":"stop"}]})";
  const std::string last = R"({"choices":[{"index":0,"text":"","finish_reason":"length"}]})";
  EXPECT_TRUE(complete(completions, {{"", open}, {"", last}, {"", R"({"choices":[],"usage":{}})"}, {"", "[DONE]"}}));
  EXPECT_FALSE(complete(completions, {{"", open}, {"", "[DONE]"}}));
  EXPECT_FALSE(complete(completions, {{"", open}, {"", last}}));
  EXPECT_FALSE(complete(completions, {{"", last}, {"", R"({"error":{}})"}, {"", "[DONE]"}}));
  EXPECT_FALSE(complete(completions, {{"", last}, {"", "[DONE]"}, {"", last}})) << "nothing comes behind the end";
  EXPECT_FALSE(complete(completions, {{"", "[DONE]"}}));
}

TEST(AnswerEnd, OfResponsesIsTheLastEvent) {
  const std::string done = R"({"type":"response.completed","response":{"status":"completed"}})";
  EXPECT_TRUE(
      complete(responses, {{"response.created", R"({"type":"response.created"})"}, {"response.completed", done}}));
  EXPECT_TRUE(complete(responses, {{"response.completed", done}, {"", "[DONE]"}}));
  EXPECT_FALSE(complete(responses, {{"", R"({"type":"response.created"})"}}));
  EXPECT_FALSE(complete(responses, {{"", R"({"type":"response.failed"})"}, {"", done}}));
  EXPECT_FALSE(complete(responses, {{"error", R"({"type":"error"})"}, {"", done}}));
}

TEST(AnswerEnd, OfMessagesNeedsAStopReason) {
  const std::string delta = R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})";
  const std::string stop = R"({"type":"message_stop"})";
  EXPECT_TRUE(complete(messages, {{"message_delta", delta}, {"message_stop", stop}}));
  EXPECT_FALSE(complete(messages, {{"message_stop", stop}}));
  EXPECT_FALSE(complete(messages, {{"message_delta", delta}}));
  EXPECT_FALSE(complete(messages, {{"error", R"({"type":"error"})"}, {"", delta}, {"", stop}}));
  EXPECT_FALSE(complete(messages, {{"", "no JSON"}, {"", delta}, {"", stop}}));
}

TEST(FreshId, ReplacesTheAnswersOwnEverywhere) {
  EXPECT_EQ(with_fresh_id(R"({"id":"msg_0123456789","content":"msg_0123456789 is \"msg_012\""})", false, "new"),
            R"({"id":"msg_new","content":"msg_0123456789 is \"msg_012\""})");
  EXPECT_EQ(with_fresh_id("data: {\"id\":\"cmpl-12345678\"}\n\ndata: {\"id\":\"cmpl-12345678\"}\n\ndata: [DONE]\n\n",
                          true, "new"),
            "data: {\"id\":\"cmpl-new\"}\n\ndata: {\"id\":\"cmpl-new\"}\n\ndata: [DONE]\n\n");
  EXPECT_EQ(with_fresh_id("event: message_start\ndata: {\"message\":{\"id\":\"msg_12345678\"}}\n\n", true, "new"),
            "event: message_start\ndata: {\"message\":{\"id\":\"msg_new\"}}\n\n");
}

TEST(FreshId, CallsOfAMessageGetIdsOfTheirOwn) {
  const std::string call = R"({"type":"tool_use","id":"toolu_0123456789","name":"look"})";
  for (const std::string& answer :
       {R"({"id":"msg_0123456789","content":[)" + call + "]}",
        "data: {\"message\":{\"id\":\"msg_0123456789\"}}\n\ndata: {\"content_block\":" + call + "}\n\n"}) {
    const std::string fresh = with_fresh_id(answer, answer.starts_with("data"), "new");
    EXPECT_TRUE(fresh.contains("\"msg_new\"")) << fresh;
    EXPECT_FALSE(fresh.contains("toolu_0123456789")) << fresh;
    EXPECT_TRUE(fresh.contains("\"id\":\"toolu_")) << fresh;
    EXPECT_EQ(fresh, with_fresh_id(answer, answer.starts_with("data"), "new"));
  }
}

TEST(FreshId, OnlyIdsAreReplaced) {
  const std::string call = R"({"type":"tool_use", "id" : "toolu_0123456789","name":"look","input":{"of":)";
  const std::string result = R"({"type":"tool_result","tool_use_id":"toolu_0123456789"})";
  const std::string answer =
      R"({"id":"msg_0123456789","content":[)" + call + R"("toolu_0123456789"}},)" + result + "]}";
  const std::string fresh = with_fresh_id(answer, false, "new");
  EXPECT_TRUE(fresh.contains(R"({"of":"toolu_0123456789"})")) << fresh;
  EXPECT_FALSE(fresh.contains(R"("id" : "toolu_0123456789")")) << fresh;
  EXPECT_FALSE(fresh.contains(R"("tool_use_id":"toolu_0123456789")")) << fresh;
  EXPECT_EQ(with_fresh_id(R"({"content":[{"type":"tool_use","id":"lookcloser","name":"lookcloser"}]})", false, "new"),
            R"({"content":[{"type":"tool_use","id":"lookcloser","name":"lookcloser"}]})")
      << "the tool's name";
}

TEST(FreshId, LeavesAloneWhatHasNone) {
  for (const char* answer : {"{}", "no JSON", R"({"id":"1","n":"1"})", R"({"id":7})"})
    EXPECT_EQ(with_fresh_id(answer, false, "new"), answer);
}

TEST(Created, IsTheTimeThatIsGiven) {
  EXPECT_EQ(with_created(R"({"created":17,"text":"\"created\":17","created": 18})", 90),
            R"({"created":90,"text":"\"created\":17","created": 90})");
  EXPECT_EQ(with_created("data: {\"created\":1}\n\ndata: {\"created\":1,\"a\":1}\n\n", 90),
            "data: {\"created\":90}\n\ndata: {\"created\":90,\"a\":1}\n\n");
  for (const char* answer : {"{}", R"({"created":null})", R"({"created":)", R"({"created":"1"})"})
    EXPECT_EQ(with_created(answer, 90), answer);
}

}  // namespace
}  // namespace fovea
