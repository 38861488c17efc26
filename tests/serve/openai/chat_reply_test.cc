#include "serve/openai/chat_reply.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

const Answer cat{.text = "A cat.", .prompt_tokens = 30, .answer_tokens = 3, .report = {.cached_tokens = 20}};

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
  const ChatReply reply("model", "print");
  const std::string json = reply.whole(cat, nullptr);
  EXPECT_EQ(text_at(json, "/id"), reply.id());
  EXPECT_TRUE(reply.id().starts_with("chatcmpl-"));
  EXPECT_EQ(value_at(json, "/object"), R"("chat.completion")");
  EXPECT_GT(std::stoll(value_at(json, "/created")), 1'700'000'000);
  EXPECT_EQ(value_at(json, "/model"), R"("model")");
  EXPECT_EQ(value_at(json, "/system_fingerprint"), R"("print")");
  EXPECT_EQ(
      value_at(json, "/choices"),
      R"([{"index":0,"message":{"role":"assistant","content":"A cat.","refusal":null},"logprobs":null,"finish_reason":"stop"}])");
  EXPECT_EQ(
      value_at(json, "/usage"),
      R"({"prompt_tokens":30,"completion_tokens":3,"total_tokens":33,"prompt_tokens_details":{"cached_tokens":20}})");
}

TEST(ChatReply, IsAnotherOneEachTime) { EXPECT_NE(ChatReply("m", "f").id(), ChatReply("m", "f").id()); }

TEST(ChatReply, SaysThatAnAnswerWasCutOff) {
  Answer answer = cat;
  answer.finish_reason = FinishReason::length;
  EXPECT_EQ(value_at(ChatReply("m", "f").whole(answer, nullptr), "/choices/0/finish_reason"), R"("length")");
}

TEST(ChatReply, OfAStoredAnswerSaysThatNothingOfThePromptWasRead) {
  Answer answer = cat;
  answer.report = {.response = Outcome::hit};
  const std::string json = ChatReply("m", "f").whole(answer, nullptr);
  EXPECT_EQ(value_at(json, "/usage/prompt_tokens_details/cached_tokens"), "30");
}

TEST(ChatReply, KeepsEveryCharacterOfTheAnswer) {
  std::string text = "\"quoted\" \\ / </script> é 猫 \xf0\x9f\x90\x88 \xe2\x80\xa8";
  for (char c = 0; c < ' '; ++c) text += c;
  const std::string json = ChatReply(text, text).whole({.text = text}, nullptr);
  EXPECT_EQ(text_at(json, "/choices/0/message/content"), text);
  EXPECT_EQ(text_at(json, "/model"), text);
  const auto events = events_of(ChatReply("m", "f").text_event(text, nullptr, false));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(text_at(events[0], "/choices/0/delta/content"), text);
}

TEST(ChatReply, GivesTheProbabilitiesOfTokens) {
  const std::vector<ChosenToken> tokens = {{{"A", -0.5}, {{"A", -0.5}, {"The", -1.25}}}};
  EXPECT_EQ(value_at(ChatReply("m", "f").whole(cat, &tokens), "/choices/0/logprobs/content"),
            R"([{"token":"A","logprob":-0.5,"bytes":[65],"top_logprobs":[)"
            R"({"token":"A","logprob":-0.5,"bytes":[65]},{"token":"The","logprob":-1.25,"bytes":[84,104,101]}]}])");
}

TEST(ChatReply, ShowsHalfACharacterAsOneThatCannotBeReadAndKeepsItsBytes) {
  const std::vector<ChosenToken> tokens = {{{"\xc3", -1}, {}}};
  const std::string json = ChatReply("m", "f").whole(cat, &tokens);
  EXPECT_EQ(text_at(json, "/choices/0/logprobs/content/0/token"), "\xef\xbf\xbd");
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/content/0/bytes"), "[195]");
}

TEST(ChatReply, StaysJsonWhereATokenIsImpossible) {
  const std::vector<ChosenToken> tokens = {{{"A", -std::numeric_limits<double>::infinity()}, {}}};
  EXPECT_EQ(text_at(ChatReply("m", "f").whole(cat, &tokens), "/choices/0/message/content"), "A cat.");
}

TEST(ChatReply, StreamsARoleThenTextThenTheEnd) {
  const ChatReply reply("m", "f");
  const std::vector<std::string> events =
      events_of(reply.first_event(false) + reply.text_event("A ", nullptr, false) +
                reply.text_event("cat.", nullptr, false) + reply.last_events(cat, false));
  ASSERT_EQ(events.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(value_at(events[i], "/object"), R"("chat.completion.chunk")");
    EXPECT_EQ(text_at(events[i], "/id"), reply.id());
    EXPECT_EQ(value_at(events[i], "/choices/0/index"), "0");
    EXPECT_EQ(value_at(events[i], "/choices/0/finish_reason"), i == 3 ? R"("stop")" : "null");
    EXPECT_EQ(value_at(events[i], "/usage"), "absent");
  }
  EXPECT_EQ(value_at(events[0], "/choices/0/delta"), R"({"role":"assistant","content":""})");
  EXPECT_EQ(value_at(events[1], "/choices/0/delta"), R"({"content":"A "})");
  EXPECT_EQ(value_at(events[2], "/choices/0/delta"), R"({"content":"cat."})");
  EXPECT_EQ(value_at(events[3], "/choices/0/delta"), "{}");
  EXPECT_EQ(events[4], "[DONE]");
}

TEST(ChatReply, StreamsTheUsageAfterTheLastChoiceWhereItIsAsked) {
  const ChatReply reply("m", "f");
  const std::vector<std::string> events =
      events_of(reply.first_event(true) + reply.text_event("A cat.", nullptr, true) + reply.last_events(cat, true));
  ASSERT_EQ(events.size(), 5U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(value_at(events[i], "/usage"), "null");
  EXPECT_EQ(value_at(events[3], "/choices"), "[]");
  EXPECT_EQ(value_at(events[3], "/usage/total_tokens"), "33");
  EXPECT_EQ(events[4], "[DONE]");
}

TEST(ChatReply, StreamsProbabilitiesWithTheirText) {
  const std::vector<ChosenToken> tokens = {{{"A", -0.5}, {}}};
  const auto events = events_of(ChatReply("m", "f").text_event("A", &tokens, false));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(value_at(events[0], "/choices/0/logprobs/content/0/logprob"), "-0.5");
}

}  // namespace
}  // namespace fovea::serve
