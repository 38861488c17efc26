#include "engine/upstream/upstream.h"

#include <gtest/gtest.h>

#include <format>
#include <memory>
#include <string>
#include <vector>

#include "http/scripted_server.h"

namespace fovea {
namespace {

using test::json_quoted;
using test::script;
using test::ScriptedServer;

class UpstreamTest : public testing::Test {
 protected:
  std::unique_ptr<Upstream> open(const std::string& key = "") {
    return Upstream::open({.url = server.url("/v1/"), .key = key}).value();
  }
  // Everything at once, as a client that does not stream gets it.
  Result<UpstreamAnswer> ask(const std::string& steps) { return open()->chat(script("ask", "[" + steps + "]"), {}); }

  ScriptedServer server;
};

constexpr std::string_view event_stream = R"({"header":["Content-Type","Text/event-stream; charset=utf-8"]})";

TEST_F(UpstreamTest, IsAskedAtItsAddressWithItsKey) {
  const auto upstream = open("k-123");
  EXPECT_EQ(upstream->url(), server.url("/v1"));
  const auto answer =
      upstream->chat(script("keyed", R"([[{"header":["Content-Type","application/json"]},{"send":"{}"}]])"), {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->content_type, "application/json");
  EXPECT_EQ(answer->body, "{}");
  const std::string seen = server.requests("keyed");
  EXPECT_TRUE(seen.contains(R"("path": "/v1/chat/completions")")) << seen;
  EXPECT_TRUE(seen.contains(R"(["authorization", "Bearer k-123"])")) << seen;
  EXPECT_TRUE(seen.contains(R"(["content-type", "application/json"])")) << seen;
  ASSERT_TRUE(open()->chat(script("open", "[[]]"), {}));
  EXPECT_FALSE(server.requests("open").contains("authorization"));
}

TEST_F(UpstreamTest, IsAskedWhereEachApiIs) {
  const auto upstream = open("k-123");
  const std::vector<HttpHeader> headers = {{"anthropic-version", "2023-06-01"}};
  ASSERT_TRUE(upstream->ask({RelayedApi::messages}, script("messages", "[[]]"), headers, {}));
  const std::string seen = server.requests("messages");
  EXPECT_TRUE(seen.contains(R"("path": "/v1/messages")")) << seen;
  EXPECT_TRUE(seen.contains(R"(["anthropic-version", "2023-06-01"])")) << seen;
  EXPECT_TRUE(seen.contains(R"(["x-api-key", "k-123"])")) << seen;
  ASSERT_TRUE(upstream->ask({RelayedApi::responses, "?beta=a%20b"}, script("responses", "[[]]"), {}, {}));
  EXPECT_TRUE(server.requests("responses").contains(R"("path": "/v1/responses?beta=a%20b")"));
  EXPECT_FALSE(server.requests("responses").contains("x-api-key"));
}

TEST_F(UpstreamTest, AnthropicsClientsHaveTheKeyInTheirHeaderOnEveryPath) {
  ASSERT_TRUE(open("k-123")->pass({.method = HttpMethod::post,
                                   .target = "/v1/models",
                                   .headers = {{"anthropic-version", "2023-06-01"}},
                                   .body = script("models", "[[]]"),
                                   .total_ms = {}},
                                  {}, {}));
  EXPECT_TRUE(server.requests("models").contains(R"(["x-api-key", "k-123"])"));
}

TEST_F(UpstreamTest, PassesAnythingOn) {
  const auto upstream = open("k-123");
  const std::string body = script("passed", R"([[{"status":418},{"header":["X-Word","a"]},{"send":"short"}]])");
  std::string got;
  const auto head = upstream->pass({.method = HttpMethod::put,
                                    .target = "/v1/pots/tea%20pot?size=2",
                                    .headers = {{"content-type", "text/plain"}},
                                    .body = body,
                                    .total_ms = {}},
                                   {}, [&](std::string_view bytes) {
                                     got += bytes;
                                     return true;
                                   });
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 418);
  EXPECT_EQ(head->header("x-word"), "a");
  EXPECT_EQ(got, "short");
  const std::string seen = server.requests("passed");
  EXPECT_TRUE(seen.contains(R"("method": "PUT", "path": "/v1/pots/tea%20pot?size=2")")) << seen;
  EXPECT_TRUE(seen.contains(R"(["authorization", "Bearer k-123"])")) << seen;
  EXPECT_TRUE(seen.contains(R"(["content-type", "text/plain"])")) << seen;
}

TEST_F(UpstreamTest, PassesPathsWithoutAVersionBesideIts) {
  ASSERT_TRUE(
      open()->pass({.method = HttpMethod::post, .target = "/tokenize", .body = script("beside", "[[]]")}, {}, {}));
  EXPECT_TRUE(server.requests("beside").contains(R"("path": "/tokenize")"));
  const auto elsewhere = Upstream::open({.url = server.url("/tenant/v1")}).value();
  ASSERT_TRUE(
      elsewhere->pass({.method = HttpMethod::post, .target = "/tokenize", .body = script("below", "[[]]")}, {}, {}));
  ASSERT_TRUE(
      elsewhere->pass({.method = HttpMethod::post, .target = "/v1/tokenize", .body = script("below", "[[]]")}, {}, {}));
  EXPECT_TRUE(server.requests("below").contains(R"("path": "/tenant/tokenize")"));
  EXPECT_TRUE(server.requests("below").contains(R"("path": "/tenant/v1/tokenize")"));
}

TEST_F(UpstreamTest, TellsItsModels) {
  ASSERT_TRUE(open()->get_models());
  EXPECT_TRUE(server.requests("nameless").contains(R"("path": "/v1/models")"));
}

TEST_F(UpstreamTest, StreamsAsItComes) {
  const std::string body = script(
      "stream",
      std::format(R"([[{},{{"send":"data: a\n\n"}},{{"wait":"more"}},{{"send":"data: b\n\n"}}]])", event_stream));
  std::string bytes;
  const auto on_bytes = [&](std::string_view piece) {
    bytes += piece;
    if (bytes == "data: a\n\n") server.open("more");
    return true;
  };
  const auto answer = open()->chat(body, on_bytes);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->streamed);
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(bytes, "data: a\n\ndata: b\n\n");
  EXPECT_EQ(open()->chat(body, {})->body, bytes) << "not streamed without on_bytes";
}

TEST_F(UpstreamTest, RefusalsAreAnswersAndNotStreamed) {
  const auto refused = [](std::string_view) -> bool { throw std::logic_error("not a stream"); };
  for (const std::string head : {R"({"status":429},{"header":["Retry-After","3"]})",
                                 R"({"status":500},{"header":["Content-Type","text/event-stream"]})",
                                 R"({"header":["Content-Type","application/json"]})"}) {
    const auto answer = open()->chat(script(head, "[[" + head + R"(,{"send":"no"}]])"), refused);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->streamed);
    EXPECT_EQ(answer->body, "no");
    EXPECT_EQ(answer->retry_after, answer->status == 429 ? "3" : "");
  }
}

TEST_F(UpstreamTest, BreakingOffIsAFault) {
  EXPECT_EQ(ask(R"([{"send":"half"},{"cut":true}])").error().fault, Fault::unavailable);
  const auto nobody = Upstream::open({.url = "http://127.0.0.1:1/v1", .key = "k-123"}).value()->get_models();
  EXPECT_EQ(nobody.error().fault, Fault::unavailable);
  EXPECT_TRUE(nobody.error().message.starts_with("the upstream server, http://127.0.0.1:1: "))
      << nobody.error().message;
  EXPECT_FALSE(nobody.error().message.contains("k-123"));
}

TEST(UpstreamOpen, RefusesWhatCannotBeUsed) {
  for (const char* url :
       {"", "host:8000", "file:///v1", "http://user:k-123@host/v1", "http://host/v1?a=b", "http://host/v1#a"}) {
    const auto upstream = Upstream::open({.url = url});
    ASSERT_FALSE(upstream) << url;
    EXPECT_EQ(upstream.error().fault, Fault::invalid);
    EXPECT_FALSE(upstream.error().message.contains("k-123"));
  }
  for (const char* key : {"k-123\n", "k 123", "k\xC3\xA9"}) {
    const auto upstream = Upstream::open({.url = "http://host/v1", .key = key});
    ASSERT_FALSE(upstream);
    EXPECT_FALSE(upstream.error().message.contains("k-123"));
  }
}

}  // namespace
}  // namespace fovea
