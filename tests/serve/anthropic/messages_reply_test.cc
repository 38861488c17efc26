#include "serve/anthropic/messages_reply.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve::anthropic {
namespace {

using test::value_at;

FinishedAnswer cat() {
  return {{.text = "A cat.", .prompt_tokens = 30, .answer_tokens = 3, .report = {.cached_tokens = 20}}, {"A cat.", {}}};
}

FinishedAnswer calling() {
  FinishedAnswer answer = cat();
  answer.parts = {"I look.", {{"", "find", R"({"what":"cat"})"}, {"", "count", "{}"}}};
  return answer;
}

std::string whole(const FinishedAnswer& answer) { return MessagesReply("m", "req_1").whole(std::span(&answer, 1)); }

// The type and the data of each event; "broken" for what is none.
std::vector<std::pair<std::string, std::string>> events_of(std::string_view stream) {
  std::vector<std::pair<std::string, std::string>> events;
  while (!stream.empty()) {
    const std::size_t data = stream.find("\ndata: "), end = stream.find("\n\n");
    if (!stream.starts_with("event: ") || data == std::string_view::npos || end == std::string_view::npos)
      return {{"broken", std::string(stream)}};
    events.emplace_back(stream.substr(7, data - 7), stream.substr(data + 7, end - data - 7));
    stream.remove_prefix(end + 2);
  }
  return events;
}

std::string types_of(const std::vector<std::pair<std::string, std::string>>& events) {
  std::string types;
  for (const auto& [type, data] : events) types += type + (value_at(data, "/type") == '"' + type + '"' ? " " : "! ");
  return types;
}

TEST(MessagesReply, HasAnthropicsFields) {
  const std::string json = whole(cat());
  EXPECT_TRUE(value_at(json, "/id").starts_with("\"msg_"));
  EXPECT_EQ(value_at(json, "/type"), R"("message")");
  EXPECT_EQ(value_at(json, "/role"), R"("assistant")");
  EXPECT_EQ(value_at(json, "/model"), R"("m")");
  EXPECT_EQ(value_at(json, "/content"), R"([{"type":"text","text":"A cat."}])");
  EXPECT_EQ(value_at(json, "/stop_reason"), R"("end_turn")");
  EXPECT_EQ(value_at(json, "/stop_sequence"), "null");
  EXPECT_EQ(value_at(json, "/usage"), R"({"input_tokens":10,"cache_creation_input_tokens":0,)"
                                      R"("cache_read_input_tokens":20,"output_tokens":3})");
}

TEST(MessagesReply, OfAStoredAnswerTheWholePromptWasReadFromTheCache) {
  FinishedAnswer stored = cat();
  stored.answer.report.response = Outcome::hit;
  EXPECT_EQ(value_at(whole(stored), "/usage/input_tokens"), "0");
  EXPECT_EQ(value_at(whole(stored), "/usage/cache_read_input_tokens"), "30");
}

TEST(MessagesReply, SaysWhyItStopped) {
  FinishedAnswer cut = calling();
  cut.answer.finish_reason = FinishReason::length;
  EXPECT_EQ(value_at(whole(cut), "/stop_reason"), R"("max_tokens")");
  EXPECT_EQ(value_at(whole(calling()), "/stop_reason"), R"("tool_use")");
  FinishedAnswer stopped = cat();
  stopped.answer.stop = "Human:";
  EXPECT_EQ(value_at(whole(stopped), "/stop_reason"), R"("stop_sequence")");
  EXPECT_EQ(value_at(whole(stopped), "/stop_sequence"), R"("Human:")");
}

TEST(MessagesReply, CallsAreToolUsesWithIdsOfTheirOwn) {
  const std::string json = whole(calling());
  EXPECT_EQ(value_at(json, "/content/0/text"), R"("I look.")");
  EXPECT_TRUE(value_at(json, "/content/1/id").starts_with("\"toolu_"));
  EXPECT_NE(value_at(json, "/content/1/id"), value_at(json, "/content/2/id"));
  EXPECT_EQ(value_at(json, "/content/1/name"), R"("find")");
  EXPECT_EQ(value_at(json, "/content/1/input"), R"({"what":"cat"})");
  EXPECT_EQ(value_at(json, "/content/2/input"), "{}");
}

TEST(MessagesReply, ACallThatWasCutIsNoCallOfTheWholeReply) {
  FinishedAnswer answer = calling();
  answer.parts.calls.back().arguments = R"({"wh)";
  answer.parts.cut = true;
  answer.answer.stop = "at";
  const std::string json = whole(answer);
  EXPECT_EQ(value_at(json, "/content/1/name"), R"("find")");
  EXPECT_EQ(value_at(json, "/content/2"), "absent");
  EXPECT_EQ(value_at(json, "/stop_reason"), R"("stop_sequence")");
}

TEST(MessagesReply, WithoutContentThereIsNoTextBlock) {
  FinishedAnswer answer = calling();
  answer.parts.content.clear();
  EXPECT_EQ(value_at(whole(answer), "/content/0/type"), R"("tool_use")");
}

TEST(MessagesReply, ArgumentsThatAreNoObjectAreAnEmptyOne) {
  FinishedAnswer answer = calling();
  answer.parts.calls[0].arguments = "{\"what\":";
  EXPECT_EQ(value_at(whole(answer), "/content/1/input"), "{}");
}

TEST(MessagesReply, AStreamHasItsEventsInOrder) {
  MessagesReply reply("m", "req_1");
  std::string stream = reply.first_events({.cached_tokens = 20, .prompt_tokens = 30});
  stream += reply.piece_event(ContentPiece{"I "});
  stream += reply.piece_event(ContentPiece{"look."});
  stream += reply.piece_event(CallBegin{0, "find"});
  stream += reply.piece_event(ArgumentsPiece{0, "{\"what\":"});
  stream += reply.piece_event(ArgumentsPiece{0, "\"cat\"}"});
  stream += reply.piece_event(CallBegin{1, "count"});
  stream += reply.piece_event(ArgumentsPiece{1, "{}"});
  const FinishedAnswer answer = calling();
  stream += reply.choice_end(answer);
  stream += reply.last_events(std::span(&answer, 1));
  const auto events = events_of(stream);
  ASSERT_EQ(types_of(events),
            "message_start ping content_block_start content_block_delta content_block_delta content_block_stop "
            "content_block_start content_block_delta content_block_delta content_block_stop "
            "content_block_start content_block_delta content_block_stop message_delta message_stop ");
  EXPECT_EQ(value_at(events[0].second, "/message/content"), "[]");
  EXPECT_EQ(value_at(events[0].second, "/message/stop_reason"), "null");
  EXPECT_EQ(value_at(events[0].second, "/message/usage/input_tokens"), "10");
  EXPECT_EQ(value_at(events[0].second, "/message/usage/cache_read_input_tokens"), "20");
  EXPECT_EQ(value_at(events[2].second, "/content_block"), R"({"type":"text","text":""})");
  EXPECT_EQ(value_at(events[3].second, "/delta"), R"({"type":"text_delta","text":"I "})");
  EXPECT_EQ(value_at(events[6].second, "/index"), "1");
  EXPECT_EQ(value_at(events[6].second, "/content_block/input"), "{}");
  EXPECT_EQ(value_at(events[7].second, "/delta"), R"({"type":"input_json_delta","partial_json":"{\"what\":"})");
  EXPECT_EQ(value_at(events[12].second, "/index"), "2");
  EXPECT_EQ(value_at(events[13].second, "/delta"), R"({"stop_reason":"tool_use","stop_sequence":null})");
  EXPECT_EQ(value_at(events[13].second, "/usage/output_tokens"), "3");
}

TEST(MessagesReply, AnEmptyAnswerHasNoBlocks) {
  MessagesReply reply("m", "req_1");
  FinishedAnswer answer = cat();
  answer.parts.content.clear();
  std::string stream = reply.first_events({});
  stream += reply.piece_event(ContentPiece{""});
  stream += reply.choice_end(answer);
  stream += reply.last_events(std::span(&answer, 1));
  EXPECT_EQ(types_of(events_of(stream)), "message_start ping message_delta message_stop ");
}

TEST(MessagesReply, AStreamThatFailsEndsWithAnError) {
  const auto events = events_of(MessagesReply("m", "req_1").error_event({503, "the server is full", {}, "overloaded"}));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].first, "error");
  EXPECT_EQ(value_at(events[0].second, "/error/type"), R"("overloaded_error")");
  EXPECT_EQ(value_at(events[0].second, "/request_id"), R"("req_1")") << "as the head of the stream says";
}

TEST(MessagesReply, ACountHasOneField) { EXPECT_EQ(count_json(12), R"({"input_tokens":12})"); }

}  // namespace
}  // namespace fovea::serve::anthropic
