// Against a real server on the loopback address, which every request tells how to behave.
#include "http/http_client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <format>
#include <optional>
#include <regex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "http/scripted_server.h"

namespace fovea {
namespace {

using test::script;
using test::ScriptedServer;

class HttpClientTest : public testing::Test {
 protected:
  struct Got {
    Result<HttpHead> head;
    std::string body;
  };

  static HttpRequest request_to(const std::string& url) { return {.url = Url::parse(url).value()}; }
  HttpRequest post(std::string_view body) {
    HttpRequest request = request_to(server.url("/"));
    request.method = HttpMethod::post;
    request.body = body;
    return request;
  }
  Got send(const HttpRequest& request, std::stop_token stop = {}) {
    Got got{.head = fail(Fault::internal, ""), .body = ""};
    const auto on_body = [&](std::string_view bytes) {
      got.body += bytes;
      return true;
    };
    got.head = client.send(request, {}, on_body, std::move(stop));
    return got;
  }
  Got get(std::string_view steps) { return send(request_to(server.url_of(steps))); }

  ScriptedServer server;
  HttpClient client;
};

TEST_F(HttpClientTest, GetsHeadAndBody) {
  const auto [head, body] = get(R"([{"status":404},{"header":["X-Word","some thing "]},{"send":"no"},{"send":"pe"}])");
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->status, 404);
  EXPECT_EQ(head->header("x-word"), "some thing");
  EXPECT_EQ(head->header("x-other"), "");
  EXPECT_EQ(body, "nope");
}

TEST_F(HttpClientTest, PostsWhatItIsGivenAndNothingOfItsOwn) {
  const std::string large = script("large", "[[]]") + std::string(3 << 20, ' ');
  auto request = post(large);
  request.headers = {{"Authorization", "Bearer k"}, {"X-Empty", ""}};
  ASSERT_TRUE(send(request).head);
  const std::string seen = server.requests("large");
  EXPECT_TRUE(seen.contains(R"(["authorization", "Bearer k"])")) << seen.substr(0, 1000);
  EXPECT_TRUE(seen.contains(R"(["x-empty", ""])"));
  EXPECT_TRUE(seen.contains(std::format(R"(["content-length", "{}"])", large.size())));
  for (const char* absent : {"\"expect\"", "\"cookie\"", "\"accept-encoding\"", "\"proxy"})
    EXPECT_FALSE(seen.contains(absent)) << absent;
}

TEST_F(HttpClientTest, SendsEveryMethod) {
  for (const char* name : {"PUT", "PATCH", "DELETE", "OPTIONS", "POST"}) {
    const std::string body = script(name, R"([[{"send":"done"}]])");
    auto request = post(body);
    request.method = http_method(name).value();
    EXPECT_EQ(send(request).body, "done") << name;
    const std::string seen = server.requests(name);
    EXPECT_TRUE(seen.contains(R"("method": ")" + std::string(name) + '"')) << seen;
    EXPECT_FALSE(seen.contains("content-type")) << "nothing that libcurl makes up: " << seen;
  }
  EXPECT_EQ(http_method("CONNECT"), std::nullopt);
  EXPECT_EQ(http_method("get"), std::nullopt);
}

TEST_F(HttpClientTest, AsksForAHeadAlone) {
  auto request = request_to(server.url_of(R"([{"header":["Content-Length","9"]},{"header":["X-Word","a"]}])"));
  request.method = HttpMethod::head;
  const auto [head, body] = send(request);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->header("content-length"), "9");
  EXPECT_EQ(head->header("x-word"), "a");
  EXPECT_EQ(body, "");
}

TEST_F(HttpClientTest, SendsNoCookieBack) {
  get(R"([{"header":["Set-Cookie","a=b"]}])");
  send(post(script("cookies", "[[]]")));
  EXPECT_FALSE(server.requests("cookies").contains("cookie\""));
}

TEST_F(HttpClientTest, HandsOnBytesWhileTheyCome) {
  const std::string body = script("stream", R"([[{"send":"one"},{"wait":"stream"},{"send":"two"}]])");
  std::vector<std::string> pieces;
  const auto on_body = [&](std::string_view bytes) {
    pieces.emplace_back(bytes);
    if (pieces.size() == 1) server.open("stream");
    return true;
  };
  ASSERT_TRUE(client.send(post(body), {}, on_body));
  EXPECT_EQ(pieces, (std::vector<std::string>{"one", "two"}));
}

TEST_F(HttpClientTest, StopsWhereTheReaderWantsNoMore) {
  const std::string body = script("enough", R"([[{"send":"one"},{"wait":"never"}]])");
  const auto stopped = client.send(post(body), {}, [](std::string_view) { return false; });
  EXPECT_EQ(stopped.error().fault, Fault::cancelled);
  const auto at_head = client.send(post(body), [](const HttpHead&) { return false; }, {});
  EXPECT_EQ(at_head.error().fault, Fault::cancelled);
}

TEST_F(HttpClientTest, StopsWhenItsCallerDoes) {
  std::stop_source source;
  const std::string body = script("stopped", R"([[{"wait":"never"}]])");
  std::optional<Result<HttpHead>> head;
  {
    const std::jthread asks([&] { head = client.send(post(body), {}, {}, source.get_token()); });
    server.wait_for("stopped", 1);
    source.request_stop();
  }
  EXPECT_EQ(head->error().fault, Fault::cancelled);
  EXPECT_EQ(send(post(script("", "[[]]")), source.get_token()).head.error().fault, Fault::cancelled);
  EXPECT_TRUE(get("[]").head) << "the same line serves the next call";
}

TEST_F(HttpClientTest, WaitsForNoLongerThanItIsTold) {
  const std::string body = script("silent", R"([[{"send":"one"},{"wait":"never"}]])");
  auto idle = post(body);
  idle.timeouts.idle_ms = 50;
  EXPECT_EQ(send(idle).head.error().fault, Fault::timed_out);
  auto total = post(body);
  total.timeouts.total_ms = 50;
  const auto [head, got] = send(total);
  EXPECT_EQ(head.error().fault, Fault::timed_out);
  auto none = post(body);
  none.timeouts.total_ms = -1;  // over before it began
  EXPECT_EQ(send(none).head.error().fault, Fault::timed_out);
}

TEST_F(HttpClientTest, TakesNoMoreThanItIsTold) {
  auto request = request_to(server.url_of(R"([{"fill":1000}])"));
  request.body_bytes_max = 1000;
  EXPECT_EQ(send(request).body.size(), 1000);
  request.body_bytes_max = 999;
  EXPECT_EQ(send(request).head.error().fault, Fault::too_large);
  auto head = request_to(server.url_of(R"([{"header":["X-Long",")" + std::string(2000, 'x') + R"("]}])"));
  head.head_bytes_max = 4000;
  EXPECT_TRUE(send(head).head);
  head.head_bytes_max = 2000;
  EXPECT_EQ(send(head).head.error().fault, Fault::too_large);
}

TEST_F(HttpClientTest, CallsAnAnswerThatBreaksOffUnavailable) {
  const auto cut = get(R"([{"send":"half"},{"cut":true}])");
  EXPECT_EQ(cut.head.error().fault, Fault::unavailable);
  EXPECT_EQ(cut.body, "half");
  EXPECT_EQ(get(R"([{"cut":true}])").head.error().fault, Fault::unavailable);
  EXPECT_EQ(get(R"([{"raw":"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"},{"cut":true}])").head.error().fault,
            Fault::unavailable);
  EXPECT_EQ(get(R"([{"raw":"good day to you\r\n\r\n"},{"cut":true}])").head.error().fault, Fault::unavailable);
}

TEST_F(HttpClientTest, CallsNobodyThereUnavailableAndSaysWhere) {
  const auto refused = send(request_to("http://127.0.0.1:1/secret?key=secret")).head;
  EXPECT_EQ(refused.error().fault, Fault::unavailable);
  EXPECT_TRUE(refused.error().message.contains("http://127.0.0.1:1:")) << refused.error().message;
  EXPECT_FALSE(refused.error().message.contains("secret")) << refused.error().message;
  EXPECT_EQ(send(request_to("http://no-such-host.invalid/")).head.error().fault, Fault::unavailable);
}

TEST_F(HttpClientTest, DecompressesNothingAndFollowsNothing) {
  const auto zipped = get(R"([{"header":["Content-Encoding","gzip"]},{"send":"not gzip"}])");
  ASSERT_TRUE(zipped.head);
  EXPECT_EQ(zipped.body, "not gzip");
  const auto moved = get(R"([{"status":302},{"header":["Location","http://127.0.0.1:1/"]}])");
  ASSERT_TRUE(moved.head);
  EXPECT_EQ(moved.head->status, 302);
}

TEST_F(HttpClientTest, HeadsOfStatus1xxAndTrailersAreNotTheHead) {
  const auto [head, body] = get(R"([{"raw":"HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-B: 2\r\n)"
                                R"(Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-C: 3\r\n\r\n"},{"cut":true}])");
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("X-A"), "");
  EXPECT_EQ(head->header("X-B"), "2");
  EXPECT_EQ(head->header("X-C"), "");
  EXPECT_EQ(body, "ok");
}

TEST_F(HttpClientTest, SendsNoHeaderThatWouldBeTwo) {
  const std::string body = script("split", "[[]]");
  for (const HttpHeader& header : {HttpHeader{"X-A", "b\r\nX-Secret: c"}, {"X-A: b\r\nX-B", "c"}, {"", "b"}}) {
    auto request = post(body);
    request.headers = {header};
    const auto refused = send(request).head;
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_FALSE(refused.error().message.contains("Secret"));
  }
  EXPECT_EQ(server.requests("split"), "[]");
}

TEST_F(HttpClientTest, UsesAConnectionAgain) {
  const std::string body = script("again", "[[]]");
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(send(post(body)).head);
  const std::string seen = server.requests("again");
  const std::regex connection(R"("connection": (\d+))");
  std::multiset<std::string> ports;
  for (std::sregex_iterator it(seen.begin(), seen.end(), connection), end; it != end; ++it) ports.insert((*it)[1]);
  EXPECT_EQ(ports.size(), 5);
  EXPECT_EQ(std::set(ports.begin(), ports.end()).size(), 1);
}

TEST_F(HttpClientTest, AsksFromManyThreadsAtTheSameTime) {
  constexpr int crowd = 16;
  const std::string body = script("crowd", R"([[{"wait":"crowd"},{"send":"in"}]])");
  std::vector<std::string> bodies(crowd);
  {
    std::vector<std::jthread> threads;
    for (std::string& got : bodies) threads.emplace_back([&] { got = send(post(body)).body; });
    server.wait_for("crowd", crowd);  // none waits for another
    server.open("crowd");
  }
  EXPECT_EQ(bodies, std::vector<std::string>(crowd, "in"));
}

TEST_F(HttpClientTest, TakesNoProxyFromTheEnvironment) {
  for (const char* name : {"http_proxy", "all_proxy"}) setenv(name, "http://127.0.0.1:1", 1);
  EXPECT_TRUE(get("[]").head);
  for (const char* name : {"http_proxy", "all_proxy"}) unsetenv(name);
}

// A name tells nothing: it is the address that counts, when it is connected to.
TEST_F(HttpClientTest, ConnectsToPublicAddressesOnlyWhereItIsTold) {
  HttpClient careful(AddressRule::public_only);
  const std::string port = server.url("").substr(std::string("http://127.0.0.1:").size());
  for (const char* host : {"127.0.0.1", "localhost", "2130706433"}) {
    const auto refused = careful.send(request_to(std::format("http://{}:{}/", host, port)), {}, {});
    ASSERT_FALSE(refused) << host;
    EXPECT_EQ(refused.error().fault, Fault::invalid) << refused.error().message;
    EXPECT_TRUE(refused.error().message.contains("public internet")) << refused.error().message;
  }
}

}  // namespace
}  // namespace fovea
