// A backend over a pipeline whose engine answers with its prompt.
#include "serve/engine_backend.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/scripted_engine.h"
#include "serve/fake_exchange.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeExchange;
using test::value_at;

constexpr std::string_view question = R"("temperature":0,"messages":[{"role":"user","content":"What is it?"}])";

class EngineBackendTest : public testing::Test, private Observer {
 protected:
  FakeExchange chat(const std::string& fields = "") {
    FakeExchange exchange("/v1/chat/completions", "{" + fields + std::string(question) + "}");
    backend_.chat(exchange, tenant_);
    return exchange;
  }

  // POST to a route that only this backend has.
  FakeExchange ask(const std::string& path, const std::string& body) {
    FakeExchange exchange(path, body);
    for (const BackendRoute& route : backend_.routes()) {
      if (route.method == "POST" && route.path == path) route.handle(exchange, tenant_);
    }
    return exchange;
  }

  // The status of each request, as the observer was told.
  std::vector<int> served_;

  const Tenant tenant_{.name = "alice"};
  fovea::test::ScriptedEngine engine_;
  Pipeline pipeline_{engine_, {}};
  FileStore files_{{}};
  ImageResolver images_{files_, nullptr};
  EngineBackend backend_{{.pipeline = pipeline_,
                          .engine = engine_,
                          .images = images_,
                          .observer = *this,
                          .rules = {},
                          .model = "tiny",
                          .timeout_ms = {}}};

 private:
  void served(const Served& served) override {
    served_.push_back(served.refusal == nullptr ? 200 : served.refusal->status);
  }
};

TEST_F(EngineBackendTest, TellsWhatTheEngineHasParked) {
  engine_.parked = 4096;
  EXPECT_EQ(backend_.parked_bytes(), 4096u);
}

TEST_F(EngineBackendTest, TellsWhoIsInASlotAndWhatIsReserved) {
  EXPECT_EQ(backend_.load().in_progress, 0u);
  ServerLoad seen;
  engine_.before_generate = [&]() -> Result<void> {
    engine_.use = {.slots = 1, .tokens = 250};  // of 1000
    seen = backend_.load();
    return {};
  };
  chat();
  EXPECT_EQ(seen.in_progress, 1u);
  EXPECT_EQ(seen.running, 1u);
  EXPECT_EQ(seen.context_used, 0.25);
  EXPECT_EQ(backend_.load().running, 0u) << "the slot outlived its request";
}

TEST_F(EngineBackendTest, AnswersAndThenAnswersFromTheCache) {
  const FakeExchange first = chat();
  EXPECT_EQ(first.status(), 200);
  EXPECT_EQ(value_at(first.replied->body, "/choices/0/message/content"), R"("<user>What is it?")");
  EXPECT_TRUE(first.reply_header("Cache-Status").starts_with("fovea-response; fwd=miss; stored"));
  const FakeExchange second = chat();
  EXPECT_EQ(value_at(second.replied->body, "/choices"), value_at(first.replied->body, "/choices"));
  EXPECT_EQ(second.reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_TRUE(second.reply_header("Server-Timing").starts_with("read;dur="));
  EXPECT_EQ(engine_.generations, 1);
  EXPECT_EQ(served_, (std::vector{200, 200}));
}

TEST_F(EngineBackendTest, StreamsAnAnswerWhileItIsComputed) {
  const FakeExchange exchange = chat(R"("stream":true,)");
  EXPECT_EQ(exchange.replied->content_type, "text/event-stream");
  EXPECT_EQ(exchange.reply_header("Cache-Control"), "no-store");
  EXPECT_TRUE(exchange.streamed.starts_with("data: {"));
  EXPECT_TRUE(exchange.streamed.ends_with("data: [DONE]\n\n"));
  EXPECT_TRUE(exchange.stream_ended);
}

TEST_F(EngineBackendTest, AStoredAnswerIsAStreamInOnePiece) {
  chat();
  const FakeExchange exchange = chat(R"("stream":true,)");
  EXPECT_EQ(exchange.reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_EQ(exchange.streamed, "");
  EXPECT_TRUE(exchange.replied->body.contains("What is it?"));
  EXPECT_TRUE(exchange.replied->body.ends_with("data: [DONE]\n\n"));
}

TEST_F(EngineBackendTest, CacheControlReachesThePipeline) {
  chat();
  FakeExchange exchange("/v1/chat/completions", "{" + std::string(question) + "}");
  exchange.headers["cache-control"] = "no-cache";
  backend_.chat(exchange, tenant_);
  const std::string status = exchange.reply_header("Cache-Status");
  EXPECT_TRUE(status.starts_with("fovea-response; fwd=request"));
  EXPECT_TRUE(status.substr(0, status.find(", fovea-prefix")).ends_with("; stored")) << status;
  EXPECT_EQ(engine_.generations, 2);
}

TEST_F(EngineBackendTest, AStoredAnswerOrNone) {
  const auto asked = [&](const std::string& path, const std::string& fields) {
    FakeExchange exchange(path, "{" + fields + std::string(question) + "}");
    exchange.headers["cache-control"] = "only-if-cached";
    if (path == "/v1/chat/completions") {
      backend_.chat(exchange, tenant_);
      return exchange;
    }
    for (const BackendRoute& route : backend_.routes()) {
      if (route.method == "POST" && route.path == path) route.handle(exchange, tenant_);
    }
    return exchange;
  };
  const std::string stream = R"("stream":true,)";
  for (const std::string& fields : {std::string(), stream}) {
    const FakeExchange none = asked("/v1/chat/completions", fields);
    EXPECT_EQ(none.status(), 504);
    EXPECT_EQ(value_at(none.replied->body, "/error/code"), R"("not_stored")");
  }
  const FakeExchange none = asked("/v1/messages", R"("max_tokens":9,)");
  EXPECT_EQ(none.status(), 504);
  EXPECT_EQ(value_at(none.replied->body, "/type"), R"("error")") << "in Anthropic's form";
  EXPECT_EQ(engine_.generations, 0);
  chat();
  for (const std::string& fields : {std::string(), stream})
    EXPECT_EQ(asked("/v1/chat/completions", fields).reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_EQ(engine_.generations, 1);
}

TEST_F(EngineBackendTest, LogProbabilitiesAreComputedThoughTheAnswerIsStored) {
  chat();
  chat(R"("logprobs":true,)");
  EXPECT_EQ(engine_.generations, 2);
}

TEST_F(EngineBackendTest, AnswersResponsesToo) {
  FakeExchange exchange("/v1/responses", R"({"input":"What is it?","temperature":0})");
  backend_.responses(exchange, tenant_);
  EXPECT_EQ(value_at(exchange.replied->body, "/output/0/content/0/text"), R"("<user>What is it?")");
}

TEST_F(EngineBackendTest, AnswersMessagesFromWhatChatsComputed) {
  chat();
  const FakeExchange exchange =
      ask("/v1/messages", R"({"max_tokens":512,"temperature":0,"messages":[{"role":"user","content":"What is it?"}]})");
  EXPECT_EQ(exchange.reply_header("Cache-Status"), "fovea-response; hit");
  EXPECT_EQ(value_at(exchange.replied->body, "/content/0/text"), R"("<user>What is it?")");
  EXPECT_EQ(value_at(exchange.replied->body, "/stop_reason"), R"("end_turn")");
}

TEST_F(EngineBackendTest, CountsTheTokensOfMessages) {
  const std::string messages = R"("messages":[{"role":"user","content":"What is it?"}]})";
  const FakeExchange counted = ask("/v1/messages/count_tokens", "{" + messages);
  const FakeExchange answered = ask("/v1/messages", R"({"max_tokens":9,)" + messages);
  EXPECT_EQ(value_at(counted.replied->body, "/input_tokens"), value_at(answered.replied->body, "/usage/input_tokens"));
  EXPECT_EQ(engine_.generations, 1);
}

TEST_F(EngineBackendTest, RefusesMessagesInAnthropicsForm) {
  const FakeExchange exchange = ask("/v1/messages", "{");
  EXPECT_EQ(exchange.status(), 400);
  EXPECT_EQ(value_at(exchange.replied->body, "/error/type"), R"("invalid_request_error")");
  EXPECT_EQ(served_, std::vector{400});
}

TEST_F(EngineBackendTest, RefusesAndTellsTheObserver) {
  FakeExchange broken("/v1/chat/completions", "{");
  backend_.chat(broken, tenant_);
  EXPECT_EQ(broken.status(), 400);
  FakeExchange unknown_file("/v1/chat/completions",
                            R"({"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"x"}}]}]})");
  backend_.chat(unknown_file, tenant_);
  EXPECT_EQ(unknown_file.status(), 404);
  EXPECT_EQ(served_, (std::vector{400, 404}));
}

TEST_F(EngineBackendTest, AFailureInTheMiddleOfAStreamIsItsLastEvent) {
  engine_.before_generate = [] { return fail(Fault::internal, "broken"); };
  const FakeExchange exchange = chat(R"("stream":true,)");
  const std::string events = exchange.streamed.empty() ? exchange.replied->body : exchange.streamed;
  EXPECT_TRUE(events.contains("broken"));
  EXPECT_FALSE(events.contains("[DONE]"));
  EXPECT_EQ(served_, std::vector{500});
}

TEST_F(EngineBackendTest, HasOneModel) {
  FakeExchange list("/v1/models"), known("/v1/models/tiny"), unknown("/v1/models/other");
  backend_.models(list);
  EXPECT_EQ(value_at(list.replied->body, "/data/0/id"), R"("tiny")");
  backend_.model(known);
  EXPECT_EQ(value_at(known.replied->body, "/id"), R"("tiny")");
  backend_.model(unknown);
  EXPECT_EQ(unknown.status(), 404);
}

TEST_F(EngineBackendTest, ShowsItsModelToAnthropicsClientsInTheirForm) {
  FakeExchange list("/v1/models"), known("/v1/models/tiny");
  for (FakeExchange* exchange : {&list, &known}) exchange->headers["anthropic-version"] = "2023-06-01";
  backend_.models(list);
  EXPECT_EQ(value_at(list.replied->body, "/data/0/type"), R"("model")");
  backend_.model(known);
  EXPECT_EQ(value_at(known.replied->body, "/display_name"), R"("tiny")");
}

}  // namespace
}  // namespace fovea::serve
