// Anything that a client may ask, passed on to a real server on the loopback address.
#include "serve/relay/pass_on.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "http/scripted_server.h"
#include "serve/fake_exchange.h"

namespace fovea::serve {
namespace {

using fovea::test::script;
using fovea::test::ScriptedServer;
using test::FakeExchange;

class PassOnTest : public testing::Test {
 protected:
  Parsed<void> pass(FakeExchange& exchange) { return pass_on(exchange, *upstream_, {}); }
  // Of a POST to a path, with a name and the steps of its answer.
  FakeExchange passed(const std::string& target, const std::string& name, const std::string& steps) {
    FakeExchange exchange(target, script(name, "[" + steps + "]"));
    EXPECT_TRUE(pass(exchange)) << target;
    return exchange;
  }
  int refused(const std::string& method, const std::string& target) {
    FakeExchange exchange(target, "{}");
    exchange.verb = method;
    const auto answered = pass(exchange);
    EXPECT_FALSE(exchange.replied);
    return answered ? 200 : answered.error().status;
  }

  ScriptedServer server_;
  std::unique_ptr<Upstream> upstream_ = Upstream::open({.url = server_.url("/v1"), .key = "upstreams-key"}).value();
};

TEST_F(PassOnTest, AnAnswerComesAsItIs) {
  const FakeExchange exchange = passed(
      "/v1/embeddings?a=b%20c", "whole",
      R"([{"status":402},{"header":["Content-Type","application/x-thing"]},{"header":["X-Word","a"]},)"
      R"({"header":["Content-Length","5"]},{"header":["Set-Cookie","a=b"]},{"header":["Cache-Status","inner; hit"]},{"send":"hello"}])");
  EXPECT_EQ(exchange.status(), 402);
  EXPECT_EQ(exchange.replied->content_type, "application/x-thing");
  EXPECT_EQ(exchange.replied->body, "hello");
  EXPECT_EQ(exchange.reply_header("X-Word"), "a");
  EXPECT_EQ(exchange.reply_header("Set-Cookie"), "");
  EXPECT_EQ(exchange.reply_header("Cache-Status"),
            "inner; hit, fovea; fwd=bypass; detail=\"not an answer that is cached\"");
  EXPECT_TRUE(server_.requests("whole").contains(R"("path": "/v1/embeddings?a=b%20c")"));
}

TEST_F(PassOnTest, AStreamComesAsItComes) {
  FakeExchange exchange("/v1/audio/speech",
                        script("stream", R"([[{"header":["Content-Type","audio/mpeg"]},{"send":"a"},{"send":"b"}]])"));
  ASSERT_TRUE(pass(exchange));
  EXPECT_EQ(exchange.replied->content_type, "audio/mpeg");
  EXPECT_EQ(exchange.streamed, "ab");
  EXPECT_TRUE(exchange.stream_ended);
  EXPECT_FALSE(exchange.stream_aborted);
  EXPECT_GT(exchange.waits_for_room, 0) << "the other server sends as fast as the client reads";
}

TEST_F(PassOnTest, AStreamThatBreaksIsBrokenOff) {
  FakeExchange exchange("/v1/audio/speech", script("broken", R"([[{"send":"a"},{"cut":true}]])"));
  ASSERT_TRUE(pass(exchange));
  EXPECT_EQ(exchange.streamed, "a");
  EXPECT_TRUE(exchange.stream_aborted);
}

TEST_F(PassOnTest, TheLengthOfWhatIsNotSentIsKept) {
  // {"turns":[[{"header":["Content-Length","1000"]}]]}
  FakeExchange head(
      "/props?script=%7B%22turns%22:%5B%5B%7B%22header%22:%5B%22Content-Length%22,%221000%22%5D%7D%5D%5D%7D");
  head.verb = "HEAD";
  ASSERT_TRUE(pass(head));
  EXPECT_EQ(head.replied->length, 1000U);
  FakeExchange unknown("/props");
  unknown.verb = "HEAD";
  ASSERT_TRUE(pass(unknown));
  EXPECT_TRUE(unknown.stream_ended) << "a stream without bytes tells no length";
  EXPECT_FALSE(unknown.replied->length);
}

TEST_F(PassOnTest, OnlyHeadersThatMatterAreSentAndNoKeyOfTheClient) {
  FakeExchange exchange("/v1/messages/count_tokens", script("headers", "[[]]"));
  exchange.headers = {{"content-type", "application/json"},
                      {"anthropic-version", "2023-06-01"},
                      {"openai-organization", "o"},
                      {"accept", "text/event-stream"},
                      {"authorization", "Bearer clients"},
                      {"x-api-key", "clients"},
                      {"cookie", "c=d"},
                      {"host", "a.b"},
                      {"connection", "close"},
                      {"accept-encoding", "gzip"},
                      {"x-forwarded-for", "1.2.3.4"}};
  ASSERT_TRUE(pass(exchange));
  const std::string seen = server_.requests("headers");
  for (const char* sent : {R"(["content-type", "application/json"])", R"(["anthropic-version", "2023-06-01"])",
                           R"(["openai-organization", "o"])", R"(["accept", "text/event-stream"])",
                           R"(["authorization", "Bearer upstreams-key"])", R"(["x-api-key", "upstreams-key"])"})
    EXPECT_TRUE(seen.contains(sent)) << sent << seen;
  for (const char* held : {"clients", "cookie", "a.b", "accept-encoding", "1.2.3.4"})
    EXPECT_FALSE(seen.contains(held)) << held;
}

TEST_F(PassOnTest, EveryMethodIsPassedOn) {
  for (const char* method : {"PUT", "PATCH", "DELETE", "OPTIONS"}) {
    FakeExchange exchange("/lora-adapters", script(method, R"([[{"send":"done"}]])"));
    exchange.verb = method;
    ASSERT_TRUE(pass(exchange)) << method;
    EXPECT_EQ(exchange.streamed, "done") << method;
    EXPECT_TRUE(
        server_.requests(method).contains(R"("method": ")" + std::string(method) + R"(", "path": "/lora-adapters")"));
  }
  FakeExchange head("/props");
  head.verb = "HEAD";
  ASSERT_TRUE(pass(head));
  EXPECT_EQ(head.status(), 200);
  EXPECT_EQ(head.replied->body, "");
}

TEST_F(PassOnTest, WhatIsFoveasOwnStaysHere) {
  for (const char* target :
       {"/v1/cache/reset", "/v1/x/../cache/reset", "/v1/%63ache/reset", "/cache/reset", "//v1//cache//reset",
        "/metrics", "/v1/dashboard/state", "/x/../health", "/", "/v1/files/file-1"})
    EXPECT_EQ(refused("POST", target), 404) << target;
}

TEST_F(PassOnTest, WhatLeadsOutsideIsRefused) {
  EXPECT_EQ(refused("GET", "/v1/x%2f..%2fcache%2freset"), 404);
  EXPECT_EQ(refused("TRACE", "/v1/models"), 405);
}

TEST_F(PassOnTest, AServerThatIsNotThereIsARefusal) {
  upstream_ = Upstream::open({.url = "http://127.0.0.1:1/v1"}).value();
  EXPECT_EQ(refused("GET", "/v1/models"), 502);
}

TEST_F(PassOnTest, ASteppedPathStaysBelowTheUpstream) {
  upstream_ = Upstream::open({.url = server_.url("/tenant/v1")}).value();
  passed("/../../admin", "stepped", R"([{"send":"x"}])");
  EXPECT_TRUE(server_.requests("stepped").contains(R"("path": "/tenant/admin")"));
}

}  // namespace
}  // namespace fovea::serve
