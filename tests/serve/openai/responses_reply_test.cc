#include "serve/openai/responses_reply.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "pipeline/scripted_engine.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

using Events = std::vector<std::pair<std::string, std::string>>;

const ResponsesSettings settings{.instructions = "null",
                                 .max_output_tokens = "9",
                                 .max_tool_calls = "null",
                                 .metadata = R"({"a":"b"})",
                                 .parallel_tool_calls = "true",
                                 .previous_response_id = "null",
                                 .prompt_cache_key = "null",
                                 .reasoning = "{}",
                                 .safety_identifier = "null",
                                 .service_tier = R"("default")",
                                 .temperature = "1",
                                 .text = "{}",
                                 .tool_choice = R"("auto")",
                                 .tools = "[]",
                                 .top_logprobs = "0",
                                 .top_p = "1",
                                 .truncation = R"("disabled")",
                                 .user = "null"};

ResponsesReply reply_of(ResponsesReply::Keep keep = {}, std::optional<std::int32_t> top_logprobs = {}) {
  static const fovea::test::ScriptedEngine engine;
  return ResponsesReply("model", settings, std::move(keep), {engine, top_logprobs});
}

FinishedAnswer cat() {
  return {{.text = "A cat.", .prompt_tokens = 30, .answer_tokens = 3, .report = {.cached_tokens = 20}}, {"A cat.", {}}};
}

FinishedAnswer calling(std::string content) {
  FinishedAnswer answer = cat();
  answer.parts = {std::move(content), {{"", "find", R"({"what":"cat"})"}, {"", "count", "{}"}}};
  return answer;
}

FinishedAnswer cut() {
  FinishedAnswer answer = cat();
  answer.answer.finish_reason = FinishReason::length;
  return answer;
}

std::string whole(const FinishedAnswer& answer) {
  ResponsesReply reply = reply_of();
  reply.choice_end(answer);
  return reply.whole(std::span(&answer, 1));
}

// The type and the data of each event; "broken" for what is none.
Events events_of(std::string_view stream) {
  Events events;
  while (!stream.empty()) {
    const std::size_t data = stream.find("\ndata: "), end = stream.find("\n\n");
    if (!stream.starts_with("event: ") || data == std::string_view::npos || end == std::string_view::npos)
      return {{"broken", std::string(stream)}};
    events.emplace_back(stream.substr(7, data - 7), stream.substr(data + 7, end - data - 7));
    stream.remove_prefix(end + 2);
  }
  return events;
}

// The events of a stream of these pieces, which end in `answer`.
Events streamed(const std::vector<AnswerPiece>& pieces, const FinishedAnswer& answer, ResponsesReply::Keep keep = {}) {
  ResponsesReply reply = reply_of(std::move(keep));
  std::string stream = reply.first_events({});
  for (const AnswerPiece& piece : pieces) stream += reply.piece_event(piece);
  stream += reply.choice_end(answer);
  stream += reply.last_events(std::span(&answer, 1));
  return events_of(stream);
}

// The types without "response.", and "!" behind each that is not numbered in order or has another type
// inside.
std::string types_of(const Events& events) {
  std::string types;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& [type, data] = events[i];
    const bool right =
        value_at(data, "/type") == '"' + type + '"' && value_at(data, "/sequence_number") == std::to_string(i);
    types += type.substr(std::string_view("response.").size()) + (right ? " " : "! ");
  }
  return types;
}

TEST(ResponsesReply, AStopTextWithinACallLeavesTheResponseIncomplete) {
  FinishedAnswer answer = calling("");
  answer.parts.calls.back().arguments = R"({"wh)";
  answer.parts.cut = true;
  const std::string json = whole(answer);
  EXPECT_EQ(value_at(json, "/status"), R"("incomplete")");
  EXPECT_EQ(value_at(json, "/incomplete_details"), R"({"reason":"stop"})");
  EXPECT_EQ(value_at(json, "/output/0/status"), R"("completed")");
  EXPECT_EQ(value_at(json, "/output/1/status"), R"("incomplete")");
  EXPECT_EQ(streamed({CallBegin{0, "find"}}, answer).back().first, "response.incomplete");
}

TEST(ResponsesReply, HasOpenAisFields) {
  const std::string json = whole(cat());
  EXPECT_TRUE(value_at(json, "/id").starts_with("\"resp_"));
  EXPECT_EQ(value_at(json, "/object"), R"("response")");
  EXPECT_EQ(value_at(json, "/model"), R"("model")");
  EXPECT_EQ(value_at(json, "/status"), R"("completed")");
  EXPECT_EQ(value_at(json, "/error"), "null");
  EXPECT_EQ(value_at(json, "/output/0/role"), R"("assistant")");
  EXPECT_EQ(value_at(json, "/output/0/content"),
            R"([{"type":"output_text","text":"A cat.","annotations":[],"logprobs":[]}])");
  EXPECT_EQ(value_at(json, "/usage"),
            R"({"input_tokens":30,"input_tokens_details":{"cached_tokens":20,"image_tokens":0},"output_tokens":3,)"
            R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":33})");
  FinishedAnswer near = cat();
  near.answer.report.frames = FramesReport{.approximate_tokens = 8};
  EXPECT_EQ(value_at(whole(near), "/usage/input_tokens_details/approximate_tokens"), "8");
  for (const char* field : {"background",
                            "completed_at",
                            "instructions",
                            "max_output_tokens",
                            "max_tool_calls",
                            "metadata",
                            "parallel_tool_calls",
                            "previous_response_id",
                            "prompt_cache_key",
                            "reasoning",
                            "safety_identifier",
                            "service_tier",
                            "store",
                            "temperature",
                            "text",
                            "tool_choice",
                            "tools",
                            "top_logprobs",
                            "top_p",
                            "truncation",
                            "user"})
    EXPECT_NE(value_at(json, "/" + std::string(field)), "absent") << field;
  EXPECT_EQ(value_at(json, "/metadata"), R"({"a":"b"})");
  EXPECT_EQ(value_at(json, "/store"), "false");
}

TEST(ResponsesReply, ForAStoredAnswerTheWholePromptIsCached) {
  FinishedAnswer stored = cat();
  stored.answer.report.response = Outcome::hit;
  EXPECT_EQ(value_at(whole(stored), "/usage/input_tokens_details/cached_tokens"), "30");
}

TEST(ResponsesReply, AnAnswerThatWasCutOffIsIncomplete) {
  const std::string json = whole(cut());
  EXPECT_EQ(value_at(json, "/status"), R"("incomplete")");
  EXPECT_EQ(value_at(json, "/incomplete_details/reason"), R"("max_output_tokens")");
  EXPECT_EQ(value_at(json, "/output/0/status"), R"("incomplete")");
  EXPECT_EQ(value_at(json, "/completed_at"), "null");
}

TEST(ResponsesReply, CallsAreItemsBesideTheMessage) {
  const std::string json = whole(calling("I look."));
  EXPECT_EQ(value_at(json, "/output/0/type"), R"("message")");
  EXPECT_TRUE(value_at(json, "/output/1/id").starts_with("\"fc_"));
  EXPECT_TRUE(value_at(json, "/output/1/call_id").starts_with("\"call_"));
  EXPECT_EQ(value_at(json, "/output/1/name"), R"("find")");
  EXPECT_EQ(value_at(json, "/output/1/arguments"), R"("{\"what\":\"cat\"}")");
  EXPECT_EQ(value_at(json, "/output/2/status"), R"("completed")");
  EXPECT_NE(value_at(json, "/output/1/call_id"), value_at(json, "/output/2/call_id"));
  EXPECT_EQ(value_at(whole(calling("")), "/output/0/type"), R"("function_call")") << "no empty message";
}

TEST(ResponsesReply, AStreamHasItsEventsInOrderAndNumbered) {
  const Events events = streamed({ContentPiece{"A "}, ContentPiece{"cat."}}, cat());
  ASSERT_EQ(types_of(events),
            "created in_progress output_item.added content_part.added output_text.delta output_text.delta "
            "output_text.done content_part.done output_item.done completed ");
  const std::string id = value_at(events[0].second, "/response/id");
  EXPECT_EQ(value_at(events[2].second, "/item/content"), "[]");
  EXPECT_EQ(value_at(events[4].second, "/delta"), R"("A ")");
  EXPECT_EQ(value_at(events[6].second, "/text"), R"("A cat.")");
  EXPECT_EQ(value_at(events[9].second, "/response/id"), id);
  EXPECT_EQ(value_at(events[9].second, "/response/usage/output_tokens"), "3");
  EXPECT_EQ(value_at(events[9].second, "/response/output/0/id"), value_at(events[2].second, "/item/id"));
}

TEST(ResponsesReply, AStreamOfCallsHasTheEventsOfEach) {
  const Events events = streamed({CallBegin{0, "find"}, ArgumentsPiece{0, "{\"what\":"}, ArgumentsPiece{0, "\"cat\"}"},
                                  CallBegin{1, "count"}, ArgumentsPiece{1, "{}"}},
                                 calling(""));
  ASSERT_EQ(types_of(events),
            "created in_progress output_item.added function_call_arguments.delta function_call_arguments.delta "
            "function_call_arguments.done output_item.done output_item.added function_call_arguments.delta "
            "function_call_arguments.done output_item.done completed ");
  EXPECT_EQ(value_at(events[2].second, "/item/arguments"), R"("")");
  EXPECT_EQ(value_at(events[5].second, "/arguments"), R"("{\"what\":\"cat\"}")");
  EXPECT_EQ(value_at(events[6].second, "/item/status"), R"("completed")");
  EXPECT_EQ(value_at(events[7].second, "/output_index"), "1");
  EXPECT_EQ(value_at(events[11].second, "/response/output/1/name"), R"("count")");
  EXPECT_EQ(value_at(events[11].second, "/response/output/0/call_id"), value_at(events[2].second, "/item/call_id"));
}

TEST(ResponsesReply, AnEmptyAnswerIsAnEmptyMessage) {
  FinishedAnswer answer = cat();
  answer.parts.content.clear();
  EXPECT_EQ(types_of(streamed({}, answer)),
            "created in_progress output_item.added content_part.added output_text.done content_part.done "
            "output_item.done completed ");
  EXPECT_EQ(value_at(whole(answer), "/output/0/content/0/text"), R"("")");
}

TEST(ResponsesReply, AStreamThatWasCutOffEndsIncomplete) {
  EXPECT_EQ(streamed({ContentPiece{"A cat."}}, cut()).back().first, "response.incomplete");
}

TEST(ResponsesReply, AStreamThatFailsEndsWithAnError) {
  ResponsesReply reply = reply_of();
  reply.first_events({});
  const Events events = events_of(reply.error_event({503, "the server is full", {}, "overloaded"}));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].first, "error");
  EXPECT_EQ(value_at(events[0].second, "/code"), R"("overloaded")");
  EXPECT_EQ(value_at(events[0].second, "/sequence_number"), "2");
}

TEST(ResponsesReply, TellsLogProbabilitiesWhereTheyAreAskedFor) {
  const std::vector<float> logits = {0, 2, 1};
  const FinishedAnswer answer = cat();
  ResponsesReply streamed = reply_of({}, 1);
  EXPECT_TRUE(streamed.watches_tokens());
  streamed.token({1, logits});
  const Events pieces = events_of(streamed.piece_event(ContentPiece{"A cat."}));
  EXPECT_EQ(value_at(pieces.back().second, "/logprobs/0/top_logprobs/0/logprob"),
            value_at(pieces.back().second, "/logprobs/0/logprob"));
  const Events ends = events_of(streamed.choice_end(answer));
  EXPECT_EQ(value_at(ends[0].second, "/logprobs"), value_at(pieces.back().second, "/logprobs"));
  ResponsesReply whole = reply_of({}, 0);
  whole.token({1, logits});
  whole.choice_end(answer);
  EXPECT_NE(value_at(whole.whole(std::span(&answer, 1)), "/output/0/content/0/logprobs/0/logprob"), "absent");
  EXPECT_FALSE(reply_of().watches_tokens());
}

TEST(ResponsesReply, WhatIsStoredIsWhatWasSent) {
  StoredResponse stored;
  const auto keep = [&](StoredResponse response) {
    stored = std::move(response);
    return true;
  };
  const Events events = streamed({ContentPiece{"A cat."}}, cat(), keep);
  const std::string sent = value_at(events.back().second, "/response");
  EXPECT_EQ(value_at(sent, "/store"), "true");
  EXPECT_EQ(stored.reply, sent);
  EXPECT_EQ(value_at(sent, "/id"), '"' + stored.id + '"');
  ASSERT_EQ(stored.output.size(), 1U);
  EXPECT_EQ(stored.output[0].json, value_at(sent, "/output/0"));
}

TEST(ResponsesReply, WhereThereIsNoRoomItSaysThatItIsNotStored) {
  const Events events = streamed({ContentPiece{"A cat."}}, cat(), [](const StoredResponse&) { return false; });
  EXPECT_EQ(value_at(events.front().second, "/response/store"), "true");
  EXPECT_EQ(value_at(events.back().second, "/response/store"), "false");
}

}  // namespace
}  // namespace fovea::serve
