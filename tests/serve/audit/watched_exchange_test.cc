#include "serve/audit/watched_exchange.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/fake_exchange.h"

namespace fovea::serve {
namespace {

class SetClock final : public Clock {
 public:
  double now_ms() const override { return ms; }
  double ms = 1000;
};

TEST(WatchedExchange, PassesAWholeReplyOnAsItIs) {
  test::FakeExchange exchange("/v1/chat/completions", "the body");
  exchange.headers["accept"] = "x";
  exchange.parameters["a"] = "b";
  SetClock clock;
  WatchedExchange watched(exchange, clock);
  EXPECT_EQ(watched.method(), "POST");
  EXPECT_EQ(watched.path(), "/v1/chat/completions");
  EXPECT_EQ(watched.target(), "/v1/chat/completions");
  EXPECT_EQ(watched.body(), "the body");
  EXPECT_EQ(watched.header("accept"), "x");
  EXPECT_EQ(watched.query("a"), "b");
  EXPECT_EQ(watched.all_headers().size(), 1u);
  clock.ms = 1042;
  watched.reply({.status = 404, .content_type = "text/plain", .headers = {{"A", "b"}}, .body = "gone", .length = 9});
  ASSERT_TRUE(exchange.replied);
  EXPECT_EQ(exchange.replied->status, 404);
  EXPECT_EQ(exchange.replied->content_type, "text/plain");
  EXPECT_EQ(exchange.replied->body, "gone");
  EXPECT_EQ(exchange.replied->length, 9u);
  EXPECT_EQ(exchange.reply_header("A"), "b");
  const SeenReply seen = watched.seen();
  EXPECT_EQ(seen.status, 404);
  EXPECT_EQ(seen.bytes, 4u);
  EXPECT_EQ(seen.head + seen.tail, "gone");
  EXPECT_EQ(seen.first_byte_ms, 42);
  EXPECT_EQ(seen.total_ms, 42);
  EXPECT_FALSE(seen.streamed || seen.broken);
}

TEST(WatchedExchange, RemembersTheTwoEndsOfAStream) {
  test::FakeExchange exchange("/v1/chat/completions");
  SetClock clock;
  WatchedExchange watched(exchange, clock);
  auto stream = watched.begin_stream({.content_type = "text/event-stream"});
  std::string all;
  for (int i = 0; i < 20'000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    clock.ms += i == 0 ? 7 : 0.5;
    EXPECT_TRUE(stream->send(piece));
    all += piece;
  }
  EXPECT_TRUE(stream->wait_for_room());
  EXPECT_EQ(exchange.waits_for_room, 1);
  stream.reset();
  EXPECT_TRUE(exchange.stream_ended);
  EXPECT_FALSE(exchange.stream_aborted);
  EXPECT_EQ(exchange.streamed, all);
  const SeenReply seen = watched.seen();
  EXPECT_TRUE(seen.streamed);
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.bytes, all.size());
  EXPECT_EQ(seen.head, all.substr(0, WatchedExchange::head_bytes));
  EXPECT_EQ(seen.tail, all.substr(all.size() - WatchedExchange::tail_bytes));
  EXPECT_EQ(seen.first_byte_ms, 7);
  EXPECT_EQ(seen.total_ms, 7 + 19'999 * 0.5);
}

// Both ends of what is hardly longer than they are, in one piece.
TEST(WatchedExchange, EndsDoNotOverlap) {
  test::FakeExchange exchange("/");
  WatchedExchange watched(exchange);
  std::string body;
  for (std::size_t i = 0; i < WatchedExchange::head_bytes + 5; ++i) body += static_cast<char>('a' + i % 26);
  watched.reply({.body = body});
  EXPECT_EQ(watched.seen().head + watched.seen().tail, body);
}

TEST(WatchedExchange, AStreamThatBreaksIsOne) {
  test::FakeExchange exchange("/");
  exchange.client.request_stop();
  WatchedExchange watched(exchange);
  EXPECT_TRUE(watched.client_gone().stop_requested());
  auto stream = watched.begin_stream({});
  EXPECT_FALSE(stream->send("x")) << "the client has left";
  stream->abort();
  stream.reset();
  EXPECT_TRUE(exchange.stream_aborted);
  EXPECT_TRUE(watched.seen().broken);
}

}  // namespace
}  // namespace fovea::serve
