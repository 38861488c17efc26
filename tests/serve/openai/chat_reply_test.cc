#include "serve/openai/chat_reply.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

const Answer cat{
    .text = "A cat.", .prompt_tokens = 30, .image_tokens = 10, .answer_tokens = 3, .report = {.cached_tokens = 20}};

FinishedAnswer finished(const Answer& answer) { return {answer, {.content = answer.text, .calls = {}}}; }

// An answer that calls two tools.
FinishedAnswer calling() { return {cat, {.content = "", .calls = {{"", "zoom", R"({"x":1})"}, {"", "look", "{}"}}}}; }

// A whole reply of one choice.
std::string whole(const ChatReply& reply, const FinishedAnswer& answer, const ChosenTokens* logprobs = nullptr) {
  return reply.whole(std::array{answer},
                     logprobs == nullptr ? std::span<const ChosenTokens>() : std::span(logprobs, 1));
}
std::string whole(const Answer& answer, const ChosenTokens* logprobs = nullptr) {
  return whole(ChatReply({"m", "f"}), finished(answer), logprobs);
}

std::string last_events(const ChatReply& reply) { return reply.last_events(std::array{finished(cat)}); }

// The data of each event of a stream; "broken" for what is none.
std::vector<std::string> events_of(std::string_view stream) {
  std::vector<std::string> events;
  while (!stream.empty()) {
    const std::size_t end = stream.find("\n\n");
    if (!stream.starts_with("data: ") || end == std::string_view::npos) return {"broken"};
    events.emplace_back(stream.substr(6, end - 6));
    stream.remove_prefix(end + 2);
  }
  return events;
}

// The text at a JSON pointer.
std::string text_at(const std::string& json, std::string_view pointer) {
  Json value;
  std::string_view text;
  const bool found = test::body_of(json).fields().at_pointer(pointer).get(value) == simdjson::SUCCESS &&
                     value.get_string().get(text) == simdjson::SUCCESS;
  return found ? std::string(text) : "absent";
}

TEST(ChatReply, HasOpenAisFields) {
  const ChatReply reply({"model", "print"});
  const std::string json = whole(reply, finished(cat));
  EXPECT_EQ(text_at(json, "/id"), reply.id());
  EXPECT_TRUE(reply.id().starts_with("chatcmpl-"));
  EXPECT_EQ(value_at(json, "/object"), R"("chat.completion")");
  EXPECT_GT(std::stoll(value_at(json, "/created")), 1'700'000'000);
  EXPECT_EQ(value_at(json, "/model"), R"("model")");
  EXPECT_EQ(value_at(json, "/system_fingerprint"), R"("print")");
  EXPECT_EQ(
      value_at(json, "/choices"),
      R"([{"index":0,"message":{"role":"assistant","content":"A cat.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}])");
  EXPECT_EQ(value_at(json, "/usage"),
            R"({"prompt_tokens":30,"completion_tokens":3,"total_tokens":33,)"
            R"("prompt_tokens_details":{"cached_tokens":20,"image_tokens":10,"audio_tokens":0},)"
            R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,)"
            R"("rejected_prediction_tokens":0}})");
  EXPECT_EQ(value_at(json, "/timings"), "absent");
}

TEST(ChatReply, IsAnotherOneEachTime) { EXPECT_NE(ChatReply({"m", "f"}).id(), ChatReply({"m", "f"}).id()); }

TEST(ChatReply, SaysThatAnAnswerWasCutOff) {
  Answer answer = cat;
  answer.finish_reason = FinishReason::length;
  EXPECT_EQ(value_at(whole(answer), "/choices/0/finish_reason"), R"("length")");
}

TEST(ChatReply, OfAStoredAnswerSaysThatNothingOfThePromptWasRead) {
  Answer answer = cat;
  answer.report = {.response = Outcome::hit};
  const std::string json = whole(answer);
  EXPECT_EQ(value_at(json, "/usage/prompt_tokens_details/cached_tokens"), "30");
}

TEST(ChatReply, KeepsEveryCharacterOfTheAnswer) {
  std::string text = "\"quoted\" \\ / </script> é 猫 \xf0\x9f\x90\x88 \xe2\x80\xa8";
  for (char c = 0; c < ' '; ++c) text += c;
  const std::string json = whole(ChatReply({text, text}), finished({.text = text}));
  EXPECT_EQ(text_at(json, "/choices/0/message/content"), text);
  EXPECT_EQ(text_at(json, "/model"), text);
  const auto events = events_of(ChatReply({"m", "f"}).content_event(0, text, nullptr));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(text_at(events[0], "/choices/0/delta/content"), text);
}

TEST(ChatReply, GivesTheProbabilitiesOfTokens) {
  const ChosenTokens tokens = {{{"A", -0.5}, {{"A", -0.5}, {"The", -1.25}}}};
  EXPECT_EQ(value_at(whole(cat, &tokens), "/choices/0/logprobs/content"),
            R"([{"token":"A","logprob":-0.5,"bytes":[65],"top_logprobs":[)"
            R"({"token":"A","logprob":-0.5,"bytes":[65]},{"token":"The","logprob":-1.25,"bytes":[84,104,101]}]}])");
}

TEST(ChatReply, ShowsHalfACharacterAsOneThatCannotBeReadAndKeepsItsBytes) {
  const ChosenTokens tokens = {{{"\xc3", -1}, {}}};
  const std::string json = whole(cat, &tokens);
  EXPECT_EQ(text_at(json, "/choices/0/logprobs/content/0/token"), "\xef\xbf\xbd");
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/content/0/bytes"), "[195]");
}

TEST(ChatReply, StaysJsonWhereATokenIsImpossible) {
  const ChosenTokens tokens = {{{"A", -std::numeric_limits<double>::infinity()}, {}}};
  EXPECT_EQ(text_at(whole(cat, &tokens), "/choices/0/message/content"), "A cat.");
}

TEST(ChatReply, HasCallsInPlaceOfContent) {
  const std::string json = whole(ChatReply({"m", "f"}), calling());
  EXPECT_EQ(value_at(json, "/choices/0/message/content"), "null");
  EXPECT_EQ(value_at(json, "/choices/0/finish_reason"), R"("tool_calls")");
  const std::string id = text_at(json, "/choices/0/message/tool_calls/0/id");
  EXPECT_TRUE(id.starts_with("call_"));
  EXPECT_NE(text_at(json, "/choices/0/message/tool_calls/1/id"), id);
  EXPECT_EQ(value_at(json, "/choices/0/message/tool_calls/0/type"), R"("function")");
  EXPECT_EQ(value_at(json, "/choices/0/message/tool_calls/0/function"), R"({"name":"zoom","arguments":"{\"x\":1}"})");
  EXPECT_EQ(value_at(json, "/choices/0/message/tool_calls/1/function"), R"({"name":"look","arguments":"{}"})");
  EXPECT_EQ(value_at(whole(cat), "/choices/0/message/tool_calls"), "absent");
}

TEST(ChatReply, MayHaveCallsBesidesContent) {
  FinishedAnswer answer = calling();
  answer.parts.content = "Let me look.";
  answer.answer.finish_reason = FinishReason::length;
  const std::string json = whole(ChatReply({"m", "f"}), answer);
  EXPECT_EQ(value_at(json, "/choices/0/message/content"), R"("Let me look.")");
  EXPECT_EQ(value_at(json, "/choices/0/finish_reason"), R"("length")") << "the last call may be missing";
}

TEST(ChatReply, HasAChoiceForEachAnswer) {
  Answer dog = cat;
  dog.text = "A dog.";
  dog.answer_tokens = 4;
  const std::string json = ChatReply({"m", "f"}).whole(std::array{finished(cat), finished(dog)}, {});
  EXPECT_EQ(value_at(json, "/choices/0/message/content"), R"("A cat.")");
  EXPECT_EQ(value_at(json, "/choices/1/index"), "1");
  EXPECT_EQ(value_at(json, "/choices/1/message/content"), R"("A dog.")");
  EXPECT_EQ(value_at(json, "/usage/prompt_tokens"), "30");
  EXPECT_EQ(value_at(json, "/usage/completion_tokens"), "7");
}

TEST(ChatReply, HasTimingsWhereTheyAreAsked) {
  const ChatReply reply({.model = "m", .timings = true});
  EXPECT_EQ(value_at(whole(reply, finished(cat)), "/timings/cache_n"), "20");
  const auto events = events_of(reply.content_event(0, "A", nullptr) + reply.end_event(0, finished(cat), nullptr));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(value_at(events[0], "/timings"), "absent");
  EXPECT_EQ(value_at(events[1], "/timings/predicted_n"), "3");
}

TEST(ChatReply, StreamsARoleThenTextThenTheEnd) {
  const ChatReply reply({"m", "f"});
  const std::vector<std::string> events =
      events_of(reply.begin_event(0) + reply.content_event(0, "A ", nullptr) + reply.content_event(0, "cat.", nullptr) +
                reply.end_event(0, finished(cat), nullptr) + last_events(reply));
  ASSERT_EQ(events.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(value_at(events[i], "/object"), R"("chat.completion.chunk")");
    EXPECT_EQ(text_at(events[i], "/id"), reply.id());
    EXPECT_EQ(value_at(events[i], "/choices/0/index"), "0");
    EXPECT_EQ(value_at(events[i], "/choices/0/logprobs"), "null");
    EXPECT_EQ(value_at(events[i], "/choices/0/finish_reason"), i == 3 ? R"("stop")" : "null");
    EXPECT_EQ(value_at(events[i], "/usage"), "absent");
  }
  EXPECT_EQ(value_at(events[0], "/choices/0/delta"), R"({"role":"assistant","content":""})");
  EXPECT_EQ(value_at(events[1], "/choices/0/delta"), R"({"content":"A "})");
  EXPECT_EQ(value_at(events[2], "/choices/0/delta"), R"({"content":"cat."})");
  EXPECT_EQ(value_at(events[3], "/choices/0/delta"), "{}");
  EXPECT_EQ(events[4], "[DONE]");
}

TEST(ChatReply, StreamsACallByItsNameThenItsArguments) {
  const ChatReply reply({"m", "f"});
  const auto events =
      events_of(reply.call_event(2, {1, "zoom"}, "call_7", nullptr) +
                reply.arguments_event(2, {1, "{\"x\":"}, nullptr) + reply.end_event(2, calling(), nullptr));
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(value_at(events[0], "/choices/0/index"), "2");
  EXPECT_EQ(
      value_at(events[0], "/choices/0/delta"),
      R"({"tool_calls":[{"index":1,"id":"call_7","type":"function","function":{"name":"zoom","arguments":""}}]})");
  EXPECT_EQ(value_at(events[1], "/choices/0/delta"),
            R"({"tool_calls":[{"index":1,"function":{"arguments":"{\"x\":"}}]})");
  EXPECT_EQ(value_at(events[2], "/choices/0/finish_reason"), R"("tool_calls")");
}

TEST(ChatReply, StreamsTheUsageAfterTheLastChoiceWhereItIsAsked) {
  const ChatReply reply({.model = "m", .include_usage = true});
  const std::vector<std::string> events = events_of(reply.begin_event(0) + reply.content_event(0, "A cat.", nullptr) +
                                                    reply.end_event(0, finished(cat), nullptr) + last_events(reply));
  ASSERT_EQ(events.size(), 5U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(value_at(events[i], "/usage"), "null");
  EXPECT_EQ(value_at(events[3], "/choices"), "[]");
  EXPECT_EQ(value_at(events[3], "/usage/total_tokens"), "33");
  EXPECT_EQ(events[4], "[DONE]");
}

TEST(ChatReply, StreamsProbabilitiesWithTheirText) {
  const ChosenTokens tokens = {{{"A", -0.5}, {}}};
  const auto events = events_of(ChatReply({"m", "f"}).content_event(0, "A", &tokens));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(value_at(events[0], "/choices/0/logprobs/content/0/logprob"), "-0.5");
}

}  // namespace
}  // namespace fovea::serve
