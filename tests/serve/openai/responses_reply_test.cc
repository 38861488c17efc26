#include "serve/openai/responses_reply.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

const Answer cat{.text = "A cat.", .prompt_tokens = 30, .answer_tokens = 3, .report = {.cached_tokens = 20}};

std::string whole(const Answer& answer) {
  return ResponsesReply("model").whole(std::array{FinishedAnswer{answer, {.content = answer.text, .calls = {}}}});
}

std::string last_events(ResponsesReply& reply, const Answer& answer) {
  return reply.last_events(std::array{FinishedAnswer{answer, {.content = answer.text, .calls = {}}}});
}

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

TEST(ResponsesReply, HasOpenAisFields) {
  const std::string json = whole(cat);
  EXPECT_TRUE(value_at(json, "/id").starts_with("\"resp_"));
  EXPECT_EQ(value_at(json, "/object"), R"("response")");
  EXPECT_EQ(value_at(json, "/model"), R"("model")");
  EXPECT_EQ(value_at(json, "/status"), R"("completed")");
  EXPECT_EQ(value_at(json, "/error"), "null");
  EXPECT_EQ(value_at(json, "/output/0/role"), R"("assistant")");
  EXPECT_EQ(value_at(json, "/output/0/content"), R"([{"type":"output_text","text":"A cat.","annotations":[]}])");
  EXPECT_EQ(value_at(json, "/usage"),
            R"({"input_tokens":30,"input_tokens_details":{"cached_tokens":20},"output_tokens":3,)"
            R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":33})");
}

TEST(ResponsesReply, ForAStoredAnswerTheWholePromptIsCached) {
  Answer stored = cat;
  stored.report.response = Outcome::hit;
  EXPECT_EQ(value_at(whole(stored), "/usage/input_tokens_details/cached_tokens"), "30");
}

TEST(ResponsesReply, AnAnswerThatWasCutOffIsIncomplete) {
  Answer answer = cat;
  answer.finish_reason = FinishReason::length;
  const std::string json = whole(answer);
  EXPECT_EQ(value_at(json, "/status"), R"("incomplete")");
  EXPECT_EQ(value_at(json, "/incomplete_details/reason"), R"("max_output_tokens")");
  EXPECT_EQ(value_at(json, "/output/0/status"), R"("incomplete")");
}

TEST(ResponsesReply, AStreamHasItsEventsInOrderAndNumbered) {
  ResponsesReply reply("m");
  std::string stream = reply.first_events({});
  stream += reply.piece_event(ContentPiece{"A "});
  stream += reply.piece_event(ContentPiece{"cat."});
  stream += last_events(reply, cat);
  const auto events = events_of(stream);
  const std::vector<std::string> types = {"response.created",           "response.in_progress",
                                          "response.output_item.added", "response.content_part.added",
                                          "response.output_text.delta", "response.output_text.delta",
                                          "response.output_text.done",  "response.content_part.done",
                                          "response.output_item.done",  "response.completed"};
  ASSERT_EQ(events.size(), types.size());
  const std::string id = value_at(events[0].second, "/response/id");
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& [type, data] = events[i];
    EXPECT_EQ(type, types[i]);
    EXPECT_EQ(value_at(data, "/type"), '"' + types[i] + '"');
    EXPECT_EQ(value_at(data, "/sequence_number"), std::to_string(i));
  }
  EXPECT_EQ(value_at(events[4].second, "/delta"), R"("A ")");
  EXPECT_EQ(value_at(events[6].second, "/text"), R"("A cat.")");
  EXPECT_EQ(value_at(events[9].second, "/response/id"), id);
  EXPECT_EQ(value_at(events[9].second, "/response/usage/output_tokens"), "3");
}

TEST(ResponsesReply, AStreamThatWasCutOffEndsIncomplete) {
  Answer answer = cat;
  answer.finish_reason = FinishReason::length;
  ResponsesReply reply("m");
  EXPECT_EQ(events_of(last_events(reply, answer)).back().first, "response.incomplete");
}

}  // namespace
}  // namespace fovea::serve
