#include "engine/upstream/completion_fold.h"

#include <gtest/gtest.h>

#include <format>
#include <string>
#include <vector>

namespace fovea {
namespace {

std::string chunk(const std::string& choices, const std::string& more = "") {
  return std::format(R"({{"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{}]{}}})",
                     choices, more);
}

std::string piece(const std::string& delta, const std::string& finish = "null") {
  return chunk(std::format(R"({{"index":0,"delta":{},"finish_reason":{}}})", delta, finish));
}

const std::string end = piece("{}", R"("stop")");

// The object, or why there is none.
std::string folded(const std::vector<std::string>& events) {
  CompletionFold fold;
  for (const std::string& event : events) fold.add(event);
  if (fold.complete()) return fold.object();
  return fold.obstacle().empty() ? "incomplete" : fold.obstacle();
}

TEST(CompletionFold, AddsUpATextAndItsCounts) {
  EXPECT_EQ(folded({piece(R"({"role":"assistant","content":"","refusal":null})"), piece(R"({"content":"A \"cat\""})"),
                    piece(R"({"content":" \u00e9\n"})"), end,
                    chunk("", R"(,"usage":{"prompt_tokens":5,"total_tokens":9007199254740993})"), "[DONE]"}),
            R"({"id":"c1","created":7,"model":"m","object":"chat.completion","choices":[{"index":0,)"
            R"("message":{"role":"assistant","content":"A \"cat\" é\n"},"logprobs":null,"finish_reason":"stop"}],)"
            R"("usage":{"prompt_tokens":5,"total_tokens":9007199254740993}})");
}

TEST(CompletionFold, AddsUpToolCallsByTheirIndex) {
  const auto call = [](const std::string& text) { return piece(R"({"tool_calls":[)" + text + "]}"); };
  const std::string object =
      folded({piece(R"({"role":"assistant","content":null})"),
              call(R"({"index":0,"id":"t0","type":"function","function":{"name":"look","arguments":""}})"),
              call(R"({"index":0,"function":{"arguments":"{\"at\":"}},{"index":1,"id":"t1","type":"function",)"
                   R"("function":{"name":"go","arguments":"{}"}})"),
              call(R"({"index":0,"id":"","function":{"name":null,"arguments":"1}"}})"), piece("{}", R"("tool_calls")"),
              "[DONE]"});
  EXPECT_TRUE(object.contains(R"("message":{"role":"assistant","content":null,"tool_calls":[)"
                              R"({"id":"t0","type":"function","function":{"name":"look","arguments":"{\"at\":1}"}},)"
                              R"({"id":"t1","type":"function","function":{"name":"go","arguments":"{}"}}]},)"
                              R"("logprobs":null,"finish_reason":"tool_calls")"))
      << object;
}

TEST(CompletionFold, AddsUpSeveralChoicesRefusalsAndThoughts) {
  const std::string object =
      folded({chunk(R"({"index":1,"delta":{"refusal":"I "}},{"index":0,"delta":{"reasoning_content":"h"}})"),
              chunk(R"({"index":0,"delta":{"reasoning_content":"m","content":"a"},"finish_reason":"length"})"),
              chunk(R"({"index":1,"delta":{"refusal":"won't"},"finish_reason":"stop"})"), "[DONE]"});
  EXPECT_TRUE(object.contains(R"("choices":[{"index":0,"message":{"role":"assistant","content":"a",)"
                              R"("reasoning_content":"hm"},"logprobs":null,"finish_reason":"length"},{"index":1,)"
                              R"("message":{"role":"assistant","content":null,"refusal":"I won't"})"))
      << object;
}

TEST(CompletionFold, AddsUpLogProbabilities) {
  const auto tokens = [](const std::string& list) {
    return chunk(std::format(R"({{"index":0,"delta":{{"content":"x"}},"logprobs":{}}})", list));
  };
  const std::string object =
      folded({tokens(R"({"content":[{"token":"a","logprob":-0.25}],"refusal":null})"), tokens("null"),
              tokens(R"({"content":[{"token":"b","logprob":-1.5}]})"), end, "[DONE]"});
  EXPECT_TRUE(object.contains(
      R"("logprobs":{"content":[{"token":"a","logprob":-0.25},{"token":"b","logprob":-1.5}],"refusal":null})"))
      << object;
}

TEST(CompletionFold, IsCompleteOnlyAtTheEndOfEverything) {
  EXPECT_EQ(folded({}), "incomplete");
  EXPECT_EQ(folded({"[DONE]"}), "incomplete");
  EXPECT_EQ(folded({piece(R"({"content":"a"})"), "[DONE]"}), "incomplete");
  EXPECT_EQ(folded({piece(R"({"content":"a"})"), end}), "incomplete");
  EXPECT_EQ(folded({chunk(R"({"index":1,"delta":{"content":"a"}})"), end, "[DONE]"}), "incomplete");
  EXPECT_EQ(folded({piece("{}", R"("abort")"), "[DONE]"}), "incomplete") << "a server that gave up says so, too";
  EXPECT_NE(folded({end, "[DONE]"}), "incomplete");
  EXPECT_EQ(folded({end, "[DONE]", end}), "an event came behind the end");
}

TEST(CompletionFold, IgnoresWhatSpeaksOfTheWayAndNotOfTheAnswer) {
  EXPECT_NE(folded({chunk("", R"(,"prompt_filter_results":[1],"usage":null)"),
                    chunk(R"({"index":0,"delta":{"content":"a","odd":null},"stop_reason":null})",
                          R"(,"obfuscation":"xyz","timings":{"ms":1})"),
                    end, "[DONE]"}),
            "incomplete");
}

TEST(CompletionFold, KeepsWhatTheFirstChunkSaysOfThePrompt) {
  EXPECT_TRUE(
      folded({chunk("", R"(,"prompt_filter_results":[1])"), end, "[DONE]"}).contains(R"("prompt_filter_results":[1])"));
}

TEST(CompletionFold, WillNotLeaveOutAMemberThatItDoesNotKnow) {
  EXPECT_EQ(folded({chunk("", R"(,"citations":["a"])"), end, "[DONE]"}),
            "a chunk has a \"citations\" that cannot be added up");
  EXPECT_NE(folded({chunk("", R"(,"citations":null)"), piece(R"({"content":"a"})"), end, "[DONE]"}), "incomplete");
}

TEST(CompletionFold, WillNotAddUpWhatItDoesNotKnow) {
  const struct {
    std::string event;
    const char* why;
  } cases[] = {
      {R"({"error":{"message":"out of memory"}})", "an event is not a chunk of an answer"},
      {"not JSON", "an event is not JSON"},
      {"[1]", "an event is not a chunk of an answer"},
      {std::string(100'000, '['), "an event is not JSON"},
      {chunk("5"), "a choice has no index"},
      {chunk(R"({"delta":{}})"), "a choice has no index"},
      {chunk(R"({"index":-1})"), "a choice has no index"},
      {chunk(R"({"index":1000000})"), "a choice has no index"},
      {chunk(R"({"index":0,"delta":"a"})"), "a delta is no object"},
      {chunk(R"({"index":0,"text":"a"})"), "a choice has a \"text\" that cannot be added up"},
      {piece(R"({"audio":{"id":"a"}})"), "a delta has a \"audio\" that cannot be added up"},
      {piece(R"({"content":[{"type":"text"}]})"), "a delta has a \"content\" that cannot be added up"},
      {piece(R"({"tool_calls":{}})"), "a delta has a \"tool_calls\" that cannot be added up"},
      {piece(R"({"tool_calls":[7]})"), "a tool call has no index"},
      {piece(R"({"tool_calls":[{"id":"a"}]})"), "a tool call has no index"},
      {piece(R"({"tool_calls":[{"index":0,"custom":{}}]})"), "a tool call has a \"custom\" that cannot be added up"},
      {piece(R"({"tool_calls":[{"index":0,"id":"a"},{"index":0,"id":"b"}]})"),
       "a tool call has a \"id\" that cannot be added up"},
      {piece(R"({"tool_calls":[{"index":0,"function":"f"}]})"), "a tool call's function is no object"},
      {piece(R"({"tool_calls":[{"index":0,"function":{"arguments":{}}}]})"),
       "a function has a \"arguments\" that cannot be added up"},
      {chunk(R"({"index":0,"logprobs":{"content":"a"}})"), "logprobs has a \"content\" that cannot be added up"},
      {chunk(R"({"index":0,"logprobs":3})"), "a choice has a \"logprobs\" that cannot be added up"},
  };
  for (const auto& [event, why] : cases) EXPECT_EQ(folded({event, end, "[DONE]"}), why) << event.substr(0, 200);
}

}  // namespace
}  // namespace fovea
