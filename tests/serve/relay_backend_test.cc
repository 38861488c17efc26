// A backend in front of a real server on the loopback address, which every request's body tells how to
// answer.
#include "serve/relay_backend.h"

#include <gtest/gtest.h>

#include <format>
#include <memory>
#include <string>
#include <vector>

#include "http/scripted_server.h"
#include "pictures/sources.h"
#include "serve/fake_exchange.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using fovea::test::ScriptedServer;
using test::FakeExchange;
using test::value_at;

constexpr std::string_view text_content = R"("What is it?")";

// A turn of the other server: an answer in one piece.
std::string whole(const std::string& text) {
  const std::string completion =
      R"({"id":"upstream-id","created":1,"model":"m","object":"chat.completion","choices":[{"index":0,"message":)"
      R"({"role":"assistant","content":")" +
      text + R"("},"logprobs":null,"finish_reason":"stop"}]})";
  return R"([{"header":["Content-Type","application/json"]},{"send":)" + fovea::test::json_quoted(completion) + "}]";
}

// A turn: an answer as a stream.
std::string stream(const std::string& text) {
  const std::string events = R"(data: {"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"content":")" +
                             text +
                             R"("},"finish_reason":"stop"}]})"
                             "\n\ndata: [DONE]\n\n";
  return R"([{"header":["Content-Type","text/event-stream"]},{"send":)" + fovea::test::json_quoted(events) + "}]";
}

class RelayBackendTest : public testing::Test, private Observer {
 protected:
  // A request that the other server answers with `turns`, one after the other.
  FakeExchange chat(const std::string& name, const std::string& turns, const std::string& fields = "",
                    std::string_view content = text_content) {
    FakeExchange exchange(
        "/v1/chat/completions",
        std::format(R"({{"name":"{}","turns":[{}],"temperature":0,{}"messages":[{{"role":"user","content":{}}}]}})",
                    name, turns, fields, content));
    backend_.chat(exchange, tenant_);
    return exchange;
  }

  // The status of each request, as the observer was told.
  std::vector<int> served_;

  const Tenant tenant_{.name = "alice"};
  ScriptedServer server_;
  std::unique_ptr<Upstream> upstream_ = Upstream::open({.url = server_.url("/v1")}).value();
  Relay relay_{*upstream_, {}};
  FileStore files_{{}};
  ImageResolver images_{files_, nullptr};
  RelayBackend backend_{{.relay = relay_,
                         .upstream = *upstream_,
                         .images = images_,
                         .observer = *this,
                         .rules = {},
                         .decode_limits = {},
                         .timeout_ms = {}}};

 private:
  void served(const Served& served) override {
    served_.push_back(served.refusal == nullptr ? 200 : served.refusal->status);
  }
};

TEST_F(RelayBackendTest, AStoredAnswerGetsAnIdOfItsOwn) {
  const FakeExchange first = chat("stored", whole("A cat."));
  EXPECT_EQ(value_at(first.replied->body, "/id"), R"("upstream-id")");
  EXPECT_TRUE(first.reply_header("Cache-Status").starts_with("fovea-response; fwd=miss; stored"));
  const FakeExchange second = chat("stored", whole("A cat."));
  EXPECT_EQ(second.reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_TRUE(value_at(second.replied->body, "/id").starts_with("\"chatcmpl-"));
  EXPECT_EQ(value_at(second.replied->body, "/choices/0/message/content"), R"("A cat.")");
  EXPECT_EQ(served_, (std::vector{200, 200}));
}

TEST_F(RelayBackendTest, PassesAStreamOnAndStoresIt) {
  const std::string fields = R"("stream":true,)";
  const FakeExchange first = chat("stream", stream("A cat."), fields);
  EXPECT_EQ(first.replied->content_type, "text/event-stream");
  EXPECT_TRUE(first.reply_header("Cache-Status").starts_with("fovea-response; fwd=miss"));
  EXPECT_TRUE(first.streamed.contains("A cat."));
  EXPECT_TRUE(first.stream_ended);
  const FakeExchange second = chat("stream", stream("A cat."), fields);
  EXPECT_EQ(second.reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_EQ(second.replied->content_type, "text/event-stream");
  EXPECT_TRUE(second.replied->body.contains("A cat."));
  EXPECT_TRUE(second.replied->body.ends_with("data: [DONE]\n\n"));
}

TEST_F(RelayBackendTest, PassesARefusalOn) {
  const FakeExchange exchange =
      chat("refused", R"([{"status":429},{"header":["Retry-After","7"]},{"send":"{\"error\":{}}"}])");
  EXPECT_EQ(exchange.status(), 429);
  EXPECT_EQ(exchange.reply_header("Retry-After"), "7");
  EXPECT_EQ(exchange.replied->body, R"({"error":{}})");
  EXPECT_EQ(served_, std::vector{429});
}

TEST_F(RelayBackendTest, AnswersAboutImagesByAddressAreNotStored) {
  constexpr std::string_view by_address =
      R"([{"type":"image_url","image_url":{"url":"https://example.com/a.png"}},{"type":"text","text":"What is it?"}])";
  const FakeExchange exchange = chat("address", whole("A cat."), "", by_address);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_TRUE(exchange.reply_header("Cache-Status").starts_with("fovea-response; fwd=bypass"));
}

TEST_F(RelayBackendTest, AnUploadedImageIsSentInline) {
  const Blob png = fovea::test::plain_png(8, 8, {1, 2, 3}).bytes;
  const std::string id = files_.add("alice", "dot.png", png)->id;
  const std::string content = R"([{"type":"file","file":{"file_id":")" + id + R"("}}])";
  EXPECT_EQ(chat("upload", whole("A dot."), "", content).status(), 200);
  EXPECT_TRUE(server_.requests("upload").contains("data:image/png;base64,"));
}

TEST_F(RelayBackendTest, RefusesWhatItCannotRead) {
  FakeExchange broken("/v1/chat/completions", "{");
  backend_.chat(broken, tenant_);
  EXPECT_EQ(broken.status(), 400);
  FakeExchange responses("/v1/responses", "{}");
  backend_.responses(responses, tenant_);
  EXPECT_EQ(responses.status(), 404);
  EXPECT_EQ(served_, (std::vector{400, 404}));
}

TEST_F(RelayBackendTest, WarmingChecksThatAnUploadIsAnImage) {
  bool started = false;
  const Listener listener{.on_start = [&](const RequestReport&) { started = true; }};
  const auto warmed = backend_.warm({.sources = {{Blob::copy_of("no image"), "file"}}}, listener, {});
  ASSERT_FALSE(warmed);
  EXPECT_TRUE(warmed.error().message.starts_with("file: "));
  EXPECT_FALSE(started);
}

}  // namespace
}  // namespace fovea::serve
