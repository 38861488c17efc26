#include "engine/upstream/completion.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/upstream/completion_fold.h"

namespace fovea {
namespace {

const std::string text_answer =
    R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"A cat.","refusal":null},"logprobs":null,"finish_reason":"stop"}],)"
    R"("usage":{"total_tokens":9},"system_fingerprint":"f"})";

const std::string tool_answer =
    R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":null,"tool_calls":[{"id":"t0","type":"function","function":)"
    R"({"name":"look","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"},{"index":1,"message":)"
    R"({"role":"assistant","content":"b"},"logprobs":{"content":[{"token":"b"}]},"finish_reason":"length"}]})";

TEST(Completion, IsWholeWhenEveryChoiceEnded) {
  EXPECT_TRUE(is_whole_completion(text_answer));
  EXPECT_TRUE(is_whole_completion(tool_answer));
  for (const char* other : {
           "",
           "null",
           "[]",
           "{",
           R"({"error":{}})",
           R"({"choices":[]})",
           R"({"choices":[{}]})",
           R"({"choices":[{"message":{},"finish_reason":null}]})",
           R"({"choices":[{"message":{},"finish_reason":"abort"}]})",
           R"({"choices":[{"finish_reason":"stop"}]})",
           R"({"choices":[{"message":{},"finish_reason":"stop"},{"message":{}}]})",
           R"({"choices":[{"message":{},"finish_reason":"stop"}]} more)",
       })
    EXPECT_FALSE(is_whole_completion(other)) << other;
}

TEST(Completion, GetsAnotherName) {
  EXPECT_EQ(renamed(R"({"id":"a","created":1,"x":[null,1.5,"\u0001"]})", {"b", 2}),
            R"({"id":"b","created":2,"x":[null,1.5,"\u0001"]})");
  EXPECT_EQ(renamed("[]", {"b", 2}), std::nullopt);
  EXPECT_EQ(renamed("no", {"b", 2}), std::nullopt);
}

TEST(Completion, IsCutIntoTheChunksOfAStream) {
  const std::string frame =
      R"({"id":"n","object":"chat.completion.chunk","created":8,"model":"m","system_fingerprint":"f",)";
  EXPECT_EQ(chunks_of(text_answer, {"n", 8}, false),
            (std::vector<std::string>{
                frame + R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,)"
                        R"("finish_reason":null}]})",
                frame + R"("choices":[{"index":0,"delta":{"content":"A cat."},"logprobs":null,"finish_reason":null}]})",
                frame + R"("choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]})",
            }));
  const auto counted = chunks_of(text_answer, {"n", 8}, true).value();
  ASSERT_EQ(counted.size(), 4);
  EXPECT_TRUE(counted[0].contains(R"("usage":null)"));
  EXPECT_EQ(counted[3], frame + R"("usage":{"total_tokens":9},"choices":[]})");
  EXPECT_EQ(chunks_of(tool_answer, {"n", 8}, true).value().size(), 6) << "no counts, no chunk for them";
}

TEST(Completion, ToolCallsGetIdsOfTheirOwn) {
  const std::string answer =
      R"({"choices":[{"index":0,"message":{"tool_calls":[{"id":"call_0123456789","function":{}}]},)"
      R"("finish_reason":"tool_calls"}]})";
  const std::string whole = renamed(answer, {"n", 8}).value();
  EXPECT_FALSE(whole.contains("call_0123456789"));
  EXPECT_TRUE(whole.contains("\"call_"));
  const auto chunks = chunks_of(answer, {"n", 8}, false).value();
  EXPECT_FALSE(chunks[1].contains("call_0123456789"));
  EXPECT_TRUE(chunks[1].contains("\"call_"));
  EXPECT_NE(renamed(answer, {"m", 8}), renamed(answer, {"n", 8}));
}

TEST(Completion, MeasuredTimesAreInTheLastChunk) {
  std::string answer = text_answer;
  answer.insert(1, R"("timings":{"predicted_ms":3},)");
  for (const bool include_usage : {false, true}) {
    const auto chunks = chunks_of(answer, {"n", 8}, include_usage).value();
    for (std::size_t i = 0; i < chunks.size(); ++i)
      EXPECT_EQ(chunks[i].contains(R"("timings":{"predicted_ms":3})"), i + 1 == chunks.size()) << i;
  }
}

TEST(Completion, ComesBackFromItsChunks) {
  for (const std::string& answer : {text_answer, tool_answer}) {
    CompletionFold fold;
    for (const std::string& chunk : chunks_of(answer, {"c1", 7}, true).value()) fold.add(chunk);
    fold.add("[DONE]");
    ASSERT_TRUE(fold.complete()) << fold.obstacle();
    // By way of another cut, since members may stand in another order.
    EXPECT_EQ(chunks_of(fold.object(), {"n", 8}, false), chunks_of(answer, {"n", 8}, false));
  }
}

TEST(Completion, IsCutOnlyIfItIsOne) {
  for (const char* other : {"", "[]", "{}", R"({"choices":[{}]})", R"({"choices":[{"index":0,"message":"a"}]})",
                            R"({"choices":[{"message":{}}]})", R"({"choices":{"a":1}})"})
    EXPECT_EQ(chunks_of(other, {"n", 8}, true), std::nullopt) << other;
  EXPECT_TRUE(chunks_of(R"({"choices":[{"index":0,"message":{"tool_calls":[7,{}]}}]})", {"n", 8}, false));
}

}  // namespace
}  // namespace fovea
