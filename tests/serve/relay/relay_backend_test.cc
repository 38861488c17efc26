// A backend in front of a real server on the loopback address, which every request's body tells how to
// answer.
#include "serve/relay/relay_backend.h"

#include <gtest/gtest.h>

#include <format>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/scripted_server.h"
#include "image/data_url.h"
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

  // A POST, by the backend's routes or, for responses, its method.
  FakeExchange asked(const std::string& path, const std::string& body,
                     const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    FakeExchange exchange(path, body);
    for (const auto& [name, value] : headers) exchange.headers[name] = value;
    if (path == "/v1/responses") {
      backend_.responses(exchange, tenant_);
      return exchange;
    }
    for (const BackendRoute& route : backend_.routes()) {
      if ((route.path == path && route.method == "POST") || route.path == "/*") {
        route.handle(exchange, tenant_);
        break;
      }
    }
    return exchange;
  }

  RelayBackend backend_of(Relay& relay) {
    return RelayBackend({.relay = relay,
                         .upstream = *upstream_,
                         .images = images_,
                         .observer = *this,
                         .rules = {},
                         .decode_limits = {},
                         .timeout_ms = {}});
  }

  // The status of each request, as the observer was told.
  std::vector<int> served_;

  const Tenant tenant_{.name = "alice"};
  ScriptedServer server_;
  std::unique_ptr<Upstream> upstream_ = Upstream::open({.url = server_.url("/v1")}).value();
  Relay relay_{*upstream_, {}};
  FileStore files_{{}};
  ImageResolver images_{files_, nullptr};
  RelayBackend backend_ = backend_of(relay_);

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

TEST_F(RelayBackendTest, AFleetBehindItIsToldWhereAConversationIs) {
  Relay routed(*upstream_, {.route_header = "x-route"});
  RelayBackend backend = backend_of(routed);
  const auto ask = [&](const std::string& name, const std::string& fields, const std::string& route = "") {
    FakeExchange exchange("/v1/chat/completions",
                          std::format(R"({{"name":"{}","turns":[{}],{}"messages":[{{"role":"user","content":"Hi"}}]}})",
                                      name, whole("A cat."), fields));
    if (!route.empty()) exchange.headers["x-route"] = route;
    backend.chat(exchange, tenant_);
    EXPECT_EQ(exchange.status(), 200);
    return server_.requests(name);
  };
  EXPECT_TRUE(ask("by-conversation", "").contains(R"(["x-route", ")"));
  EXPECT_TRUE(ask("by-key", R"("prompt_cache_key":"k",)").contains(R"(["x-route", ")"));
  EXPECT_TRUE(ask("by-itself", "", "mine").contains(R"(["x-route", "mine"])"));
  FakeExchange other("/v1/embeddings", R"({"name":"beside","turns":[[{"send":"{}"}]]})");
  other.headers["x-route"] = "mine";
  for (const BackendRoute& route : backend.routes())
    if (route.path == "/*") route.handle(other, tenant_);
  EXPECT_TRUE(server_.requests("beside").contains(R"(["x-route", "mine"])"));
}

TEST_F(RelayBackendTest, WithoutSuchAHeaderNoneIsSent) {
  FakeExchange exchange("/v1/chat/completions", R"({"name":"unrouted","turns":[)" + whole("A cat.") +
                                                    R"(],"messages":[{"role":"user","content":"Hi"}]})");
  exchange.headers["x-route"] = "mine";
  backend_.chat(exchange, tenant_);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_FALSE(server_.requests("unrouted").contains("x-route"));
}

TEST_F(RelayBackendTest, AStoredAnswerOrNone) {
  const std::string body = R"({"name":"or-none","turns":[)" + whole("A cat.") +
                           R"(],"temperature":0,"messages":[{"role":"user","content":"What is it?"}]})";
  const auto asked = [&](const std::string& cache_control) {
    FakeExchange exchange("/v1/chat/completions", body);
    exchange.headers["cache-control"] = cache_control;
    backend_.chat(exchange, tenant_);
    return exchange;
  };
  const FakeExchange none = asked("only-if-cached");
  EXPECT_EQ(none.status(), 504);
  EXPECT_EQ(value_at(none.replied->body, "/error/code"), R"("not_stored")");
  EXPECT_EQ(asked("").status(), 200);
  EXPECT_EQ(asked("only-if-cached").reply_header("Cache-Status"), "fovea-response; hit");
}

TEST_F(RelayBackendTest, WhatIsNeverStoredIsNotAskedForWhereAStoredAnswerIsWanted) {
  const std::string body = R"({"name":"never-stored","turns":[[{"send":"{}"}]]})";
  EXPECT_EQ(asked("/v1/embeddings", body, {{"cache-control", "only-if-cached"}}).status(), 504);
  EXPECT_FALSE(server_.requests("never-stored").contains("/v1/embeddings"));
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

TEST_F(RelayBackendTest, AServerThatIsDownIsABadGateway) {
  const FakeExchange cut = chat("cut", R"([{"cut":true}])");
  EXPECT_EQ(cut.status(), 502);
  EXPECT_EQ(value_at(cut.replied->body, "/error/code"), R"("upstream_unavailable")");
  EXPECT_FALSE(cut.replied->body.contains("127.0.0.1"));
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

TEST_F(RelayBackendTest, AnUploadedVideoIsSentInlineAndItsAnswerIsNotStored) {
  const std::string id = files_.add("alice", "clip.flv", Blob::copy_of("FLV\1\1"))->id;
  const std::string content = R"([{"type":"video_url","video_url":{"file_id":")" + id + R"("}}])";
  const FakeExchange answered = chat("video", whole("A clip."), "", content);
  EXPECT_EQ(answered.status(), 200);
  EXPECT_TRUE(answered.reply_header("Cache-Status").contains("a video was uploaded here"));
  EXPECT_TRUE(server_.requests("video").contains("data:video/x-flv;base64,RkxWAQE="));
}

TEST_F(RelayBackendTest, APictureThatOnlyTheOtherServerReadsIsPassedOn) {
  const std::string content = R"([{"type":"image_url","image_url":{"url":"data:image/jp2;base64,AAAADGpQICA="}}])";
  for (int i = 0; i < 2; ++i) {
    const FakeExchange answered = chat("jpeg2000", whole("A dot."), "", content);
    EXPECT_EQ(answered.status(), 200);
    EXPECT_TRUE(answered.reply_header("Cache-Status").contains("fwd=bypass")) << answered.reply_header("Cache-Status");
  }
}

// A whole answer of Messages, and one of Responses.
std::string answer_with(const std::string& json) {
  return R"([{"header":["Content-Type","application/json"]},{"send":)" + fovea::test::json_quoted(json) + "}]";
}

TEST_F(RelayBackendTest, MessagesAreKeptWithAFreshId) {
  const std::string turns =
      answer_with(R"({"id":"msg_0123456789","type":"message","content":[],"stop_reason":"tool_use"})");
  const std::string body = R"({"name":"messages","turns":[)" + turns + R"(],"temperature":0,"messages":[]})";
  const FakeExchange first = asked("/v1/messages", body);
  EXPECT_TRUE(first.reply_header("Cache-Status").starts_with("fovea-response; fwd=miss; stored"));
  EXPECT_EQ(value_at(first.replied->body, "/id"), R"("msg_0123456789")");
  const FakeExchange second = asked("/v1/messages", body);
  EXPECT_EQ(second.reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_TRUE(value_at(second.replied->body, "/id").starts_with("\"msg_"));
  EXPECT_NE(value_at(second.replied->body, "/id"), R"("msg_0123456789")");
  EXPECT_TRUE(server_.requests("messages").contains(R"("path": "/v1/messages")"));
}

TEST_F(RelayBackendTest, AStreamOfMessagesIsKeptByteForByte) {
  const std::string events =
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  const std::string turns =
      R"([{"header":["Content-Type","text/event-stream"]},{"send":)" + fovea::test::json_quoted(events) + "}]";
  const std::string body =
      R"({"name":"events","turns":[)" + turns + R"(],"temperature":0,"stream":true,"messages":[]})";
  EXPECT_EQ(asked("/v1/messages", body).streamed, events);
  const FakeExchange second = asked("/v1/messages", body);
  EXPECT_EQ(second.reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_EQ(second.replied->content_type, "text/event-stream");
  EXPECT_EQ(second.replied->body, events);
}

TEST_F(RelayBackendTest, AStreamThatFailsTellsItsRequestsId) {
  const std::string begun = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n";
  const std::string turns = R"([{"header":["Content-Type","text/event-stream"]},{"send":)" +
                            fovea::test::json_quoted(begun) + R"(},{"cut":true}])";
  const FakeExchange failed =
      asked("/v1/messages", R"({"name":"failing","turns":[)" + turns + R"(],"stream":true,"messages":[]})",
            {{"x-request-id", "req_1"}});
  ASSERT_TRUE(failed.streamed.starts_with(begun)) << failed.streamed;
  EXPECT_TRUE(failed.streamed.contains("event: error")) << failed.streamed;
  EXPECT_TRUE(failed.streamed.contains(R"("request_id":"req_1")")) << failed.streamed;
}

TEST_F(RelayBackendTest, AnotherVersionOfAnApiIsAnotherQuestion) {
  const std::string turns = answer_with(R"({"id":"msg_0123456789","stop_reason":"end_turn"})");
  const std::string body = R"({"name":"version","turns":[)" + turns + R"(],"temperature":0,"messages":[]})";
  asked("/v1/messages", body, {{"anthropic-beta", "a"}});
  EXPECT_EQ(asked("/v1/messages", body, {{"anthropic-beta", "a"}}).reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_NE(asked("/v1/messages", body, {{"anthropic-beta", "b"}}).reply_header("Cache-Status"), "fovea-response; hit");
}

TEST_F(RelayBackendTest, ResponsesAreKeptUnlessTheOtherServerKeepsThem) {
  const std::string turns = answer_with(R"({"id":"resp_0123456789","status":"completed"})");
  const auto body = [&](const std::string& name, const std::string& fields) {
    return R"({"name":")" + name + R"(","turns":[)" + turns + R"(],"temperature":0,"input":"a")" + fields + "}";
  };
  asked("/v1/responses", body("plain", ""));
  const FakeExchange again = asked("/v1/responses", body("plain", ""));
  EXPECT_EQ(again.reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_EQ(value_at(again.replied->body, "/id"), R"("resp_0123456789")") << "a later request may name it";
  EXPECT_TRUE(
      asked("/v1/responses", body("kept", R"(,"store":true)"))
          .reply_header("Cache-Status")
          .starts_with("fovea-response; fwd=bypass; detail=\"the answer depends on what the other server keeps"));
}

TEST_F(RelayBackendTest, CompletionsAreKept) {
  const std::string turns =
      answer_with(R"({"id":"cmpl-0123456789","created":17,"choices":[{"index":0,"text":"a","finish_reason":"stop"}]})");
  const std::string body = R"({"name":"completions","turns":[)" + turns + R"(],"temperature":0,"prompt":"a"})";
  EXPECT_EQ(value_at(asked("/v1/completions", body).replied->body, "/created"), "17");
  const FakeExchange second = asked("/v1/completions", body);
  EXPECT_EQ(second.reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_GT(std::stoll(value_at(second.replied->body, "/created")), 17) << "a hit is made now";
}

TEST_F(RelayBackendTest, WhatAClientAcceptsIsNotSentAndAQueryIs) {
  const std::string turns = answer_with(R"({"id":"msg_0123456789","stop_reason":"end_turn"})");
  FakeExchange exchange("/v1/messages", R"({"name":"query","turns":[)" + turns + R"(],"temperature":0,"messages":[]})");
  exchange.raw_target = "/v1/messages?beta=true";
  exchange.headers = {{"accept", "text/plain"}, {"accept-language", "de"}};
  for (const BackendRoute& route : backend_.routes()) {
    if (route.path == exchange.path() && route.method == "POST") route.handle(exchange, tenant_);
  }
  EXPECT_EQ(exchange.status(), 200);
  const std::string seen = server_.requests("query");
  EXPECT_TRUE(seen.contains(R"("path": "/v1/messages?beta=true")")) << seen;
  EXPECT_FALSE(seen.contains("accept-language") || seen.contains("text/plain")) << seen;
}

TEST_F(RelayBackendTest, APictureInAToolsResultIsInTheKey) {
  const auto body = [&](const Blob& png) {
    const std::string data = encode_data_url("image/png", png);
    return R"({"name":"result","turns":[)" + answer_with(R"({"id":"msg_0123456789","stop_reason":"end_turn"})") +
           R"(],"temperature":0,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[)"
           R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":")" +
           data.substr(data.find(',') + 1) + R"("}}]}]}]})";
  };
  const Blob red = fovea::test::plain_png(8, 8, {200, 0, 0}).bytes,
             blue = fovea::test::plain_png(8, 8, {0, 0, 200}).bytes;
  EXPECT_FALSE(asked("/v1/messages", body(red)).reply_header("Fovea-Image-Keys").empty());
  EXPECT_EQ(asked("/v1/messages", body(red)).reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_NE(asked("/v1/messages", body(blue)).reply_header("Cache-Status"), "fovea-response; hit");
}

TEST_F(RelayBackendTest, AnUploadedImageIsSentInlineAsEachApiWritesIt) {
  const std::string id = files_.add("alice", "dot.png", fovea::test::plain_png(8, 8, {1, 2, 3}).bytes)->id;
  asked("/v1/responses",
        R"({"name":"upload","turns":[[]],"input":[{"role":"user","content":[{"type":"input_image","file_id":")" + id +
            R"("}]}]})");
  asked(
      "/v1/messages",
      R"({"name":"upload","turns":[[]],"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":")" +
          id + R"("}}]}]})");
  const std::string sent = server_.requests("upload");
  EXPECT_TRUE(sent.contains(R"(\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,)")) << sent;
  EXPECT_TRUE(sent.contains(R"(\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":)")) << sent;
  EXPECT_FALSE(sent.contains(id));
}

TEST_F(RelayBackendTest, WhatItDoesNotKnowIsPassedOn) {
  const FakeExchange embeddings = asked("/v1/embeddings", R"({"name":"embeddings","turns":[[{"send":"[1]"}]]})");
  EXPECT_EQ(embeddings.status(), 200);
  EXPECT_TRUE(embeddings.reply_header("Cache-Status").starts_with("fovea; fwd=bypass"));
  EXPECT_EQ(asked("/v1/cache/unknown", "{}").status(), 404);
}

TEST_F(RelayBackendTest, RefusesWhatItCannotRead) {
  FakeExchange broken("/v1/chat/completions", "{");
  backend_.chat(broken, tenant_);
  EXPECT_EQ(broken.status(), 400);
  FakeExchange no_messages("/v1/chat/completions", "{}");
  backend_.chat(no_messages, tenant_);
  EXPECT_EQ(no_messages.status(), 400);
  EXPECT_EQ(served_, (std::vector{400, 400}));
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
