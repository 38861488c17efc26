#include "engine/upstream/stream_watch.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

std::string watched(RelayedApi api, const std::string& bytes) {
  StreamWatch watch(api);
  for (const char byte : bytes) watch.feed({&byte, 1});
  return watch.answer();
}

TEST(StreamWatch, FoldsChatCompletions) {
  const std::string chunk =
      R"(data: {"id":"c","choices":[{"index":0,"delta":{"content":"A cat."},"finish_reason":"stop"}]})"
      "\n\n";
  EXPECT_TRUE(watched(RelayedApi::chat, chunk + "data: [DONE]\n\n").contains(R"("content":"A cat.")"));
  EXPECT_EQ(watched(RelayedApi::chat, chunk), "");
}

TEST(StreamWatch, KeepsTheBytesOfOthers) {
  const std::string bytes =
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  EXPECT_EQ(watched(RelayedApi::messages, bytes), bytes);
  EXPECT_EQ(watched(RelayedApi::messages, bytes.substr(0, bytes.size() - 1)), "") << "the last event has no end";
}

TEST(StreamWatch, KeepsNoHalfEvent) {
  const std::string last =
      "event: response.completed\n"
      "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n";
  const std::string done = "data: [DONE]\n\n";
  for (std::size_t size = 0; size < done.size(); ++size)
    EXPECT_EQ(watched(RelayedApi::responses, last + done.substr(0, size)), last) << size;
  EXPECT_EQ(watched(RelayedApi::responses, last + done), last + done);
  StreamWatch at_once(RelayedApi::responses);
  at_once.feed(last + "data: [DO");
  EXPECT_EQ(at_once.answer(), last);
}

TEST(StreamWatch, KeepsNothingThatIsTooLong) {
  StreamWatch watch(RelayedApi::messages);
  const std::string comment = ":" + std::string(1 << 20, ' ') + "\n";
  for (std::size_t sent = 0; sent <= StreamWatch::bytes_max; sent += comment.size()) watch.feed(comment);
  watch.feed(
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: "
      "{\"type\":\"message_stop\"}\n\n");
  EXPECT_EQ(watch.answer(), "");
}

}  // namespace
}  // namespace fovea
