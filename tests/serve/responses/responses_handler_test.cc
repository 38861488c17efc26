// Responses over a pipeline whose engine answers with its prompt.
#include "serve/responses/responses_handler.h"

#include <gtest/gtest.h>

#include <string>

#include "pipeline/scripted_engine.h"
#include "serve/fake_exchange.h"
#include "serve/files/file_store.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeExchange;
using test::value_at;

class ResponsesHandlerTest : public testing::Test, private Observer {
 protected:
  FakeExchange create(const std::string& fields, const Tenant& tenant) {
    FakeExchange exchange("/v1/responses", "{" + fields + "}");
    handler_.create(exchange, tenant);
    return exchange;
  }
  std::string created(const std::string& fields) {
    const std::string id = value_at(create(fields, alice_).replied->body, "/id");
    return id.substr(1, id.size() - 2);
  }
  FakeExchange ask(const std::string& method, const std::string& path, const Tenant& tenant,
                   std::map<std::string, std::string, std::less<>> query = {}) {
    FakeExchange exchange("/v1/responses/" + path);
    exchange.parameters = std::move(query);
    for (const BackendRoute& route : handler_.routes()) {
      if (route.method == method && route.path.ends_with('*')) route.handle(exchange, tenant);
    }
    return exchange;
  }

  const Tenant alice_{.name = "alice"}, bob_{.name = "bob"};
  fovea::test::ScriptedEngine engine_;
  Pipeline pipeline_{engine_, {}};
  FileStore files_{{}};
  ImageResolver images_{files_, nullptr};
  Intake intake_{{images_, {}, {}, false}};
  AnswerSender sender_{pipeline_, engine_, *this};
  ResponsesHandler handler_{{pipeline_, engine_, intake_, sender_, "tiny", {}}};

 private:
  void served(const Served&) override {}
};

TEST_F(ResponsesHandlerTest, NothingIsStoredThatNobodyAskedFor) {
  const std::string id = created(R"("input":"a","temperature":0)");
  EXPECT_EQ(ask("GET", id, alice_).status(), 404);
}

TEST_F(ResponsesHandlerTest, AStoredResponseIsShownContinuedAndDeleted) {
  const FakeExchange first = create(R"("input":"a","temperature":0,"store":true)", alice_);
  EXPECT_EQ(value_at(first.replied->body, "/store"), "true");
  const std::string quoted = value_at(first.replied->body, "/id");
  const std::string id = quoted.substr(1, quoted.size() - 2);
  EXPECT_EQ(ask("GET", id, alice_).replied->body, first.replied->body);
  const FakeExchange second =
      create(R"("input":"b","temperature":0,"store":true,"previous_response_id":")" + id + "\"", alice_);
  EXPECT_EQ(second.status(), 200);
  EXPECT_EQ(value_at(second.replied->body, "/previous_response_id"), quoted);
  // The engine answers with its prompt, so the second answer shows what was asked of it.
  EXPECT_EQ(value_at(second.replied->body, "/output/0/content/0/text"), R"("<user>a<assistant><user>a<user>b")");
  EXPECT_EQ(ask("DELETE", id, alice_).replied->body, R"({"id":)" + quoted + R"(,"object":"response","deleted":true})");
  EXPECT_EQ(ask("GET", id, alice_).status(), 404);
  EXPECT_EQ(create(R"("input":"c","previous_response_id":")" + id + "\"", alice_).status(), 404);
}

TEST_F(ResponsesHandlerTest, NamesTheResponseThatIsGone) {
  const std::string first = created(R"("input":"a","store":true)");
  const std::string second = created(R"("input":"b","store":true,"previous_response_id":")" + first + "\"");
  ask("DELETE", first, alice_);
  const FakeExchange refused = create(R"("input":"c","previous_response_id":")" + second + "\"", alice_);
  EXPECT_EQ(refused.status(), 404);
  EXPECT_TRUE(value_at(refused.replied->body, "/error/message").contains(first)) << refused.replied->body;
}

TEST_F(ResponsesHandlerTest, AStoredResponseIsNoStream) {
  const std::string id = created(R"("input":"a","store":true)");
  const FakeExchange refused = ask("GET", id, alice_, {{"stream", "true"}});
  EXPECT_EQ(refused.status(), 400);
  EXPECT_EQ(value_at(refused.replied->body, "/error/param"), R"("stream")");
  EXPECT_EQ(ask("GET", id, alice_, {{"stream", "false"}}).status(), 200);
}

TEST_F(ResponsesHandlerTest, AConversationThatEndsWithACallIsNotAnswered) {
  const std::string input =
      R"("input":[{"role":"user","content":"a"},{"type":"function_call","call_id":"c","name":"n"}])";
  EXPECT_EQ(create(input, alice_).status(), 400);
}

// A few bytes may stand for many.
TEST_F(ResponsesHandlerTest, WhatARequestNamesIsBounded) {
  const std::string text(512 << 10, 'a');
  created(R"("max_output_tokens":1,"store":true,"input":[{"type":"function_call","call_id":"c","name":"n"},)"
          R"({"type":"function_call_output","id":"fco_1","call_id":"c","output":")" +
          text + R"("}])");
  const auto asked = [&](int times) {
    std::string input = R"({"type":"function_call","call_id":"c","name":"n"},)";
    for (int i = 0; i < times; ++i) input += R"({"type":"item_reference","id":"fco_1"},)";
    return create(R"("max_output_tokens":1,"input":[)" + input + R"({"role":"user","content":"b"}])", alice_);
  };
  EXPECT_EQ(asked(1).status(), 200);
  const FakeExchange refused = asked(129);
  EXPECT_EQ(refused.status(), 413);
  EXPECT_EQ(value_at(refused.replied->body, "/error/param"), R"("input[128].id")");
}

TEST_F(ResponsesHandlerTest, AnotherTenantsResponseDoesNotExist) {
  const std::string id = created(R"("input":"a","store":true)");
  EXPECT_EQ(ask("GET", id, bob_).status(), 404);
  EXPECT_EQ(ask("GET", id + "/input_items", bob_).status(), 404);
  EXPECT_EQ(ask("DELETE", id, bob_).status(), 404);
  EXPECT_EQ(create(R"("input":"b","previous_response_id":")" + id + "\"", bob_).status(), 404);
  EXPECT_EQ(create(R"("input":[{"type":"item_reference","id":"msg_1"}])", bob_).status(), 404);
  EXPECT_EQ(ask("GET", id, alice_).status(), 200);
}

TEST_F(ResponsesHandlerTest, ListsItsInputInPages) {
  const std::string id = created(R"("store":true,"input":[{"id":"m1","role":"user","content":"a"},
      {"id":"m2","role":"assistant","content":"b"},{"id":"m3","role":"user","content":"c"}])");
  const FakeExchange newest = ask("GET", id + "/input_items", alice_, {{"limit", "2"}});
  EXPECT_EQ(value_at(newest.replied->body, "/first_id"), R"("m3")");
  EXPECT_EQ(value_at(newest.replied->body, "/last_id"), R"("m2")");
  EXPECT_EQ(value_at(newest.replied->body, "/has_more"), "true");
  const FakeExchange rest = ask("GET", id + "/input_items", alice_, {{"after", "m2"}});
  EXPECT_EQ(value_at(rest.replied->body, "/data/0/id"), R"("m1")");
  EXPECT_EQ(value_at(rest.replied->body, "/has_more"), "false");
  EXPECT_EQ(value_at(ask("GET", id + "/input_items", alice_, {{"order", "asc"}}).replied->body, "/first_id"),
            R"("m1")");
  EXPECT_EQ(ask("GET", id + "/input_items", alice_, {{"limit", "0"}}).status(), 400);
  EXPECT_EQ(ask("GET", id + "/input_items", alice_, {{"limit", "x"}}).status(), 400);
  EXPECT_EQ(ask("GET", id + "/input_items", alice_, {{"after", "m9"}}).status(), 400);
}

TEST_F(ResponsesHandlerTest, PurgingATenantRemovesItsResponses) {
  const std::string id = created(R"("input":"a","store":true)");
  EXPECT_EQ(handler_.purge("bob"), 0U);
  EXPECT_EQ(handler_.purge("alice"), 1U);
  EXPECT_EQ(ask("GET", id, alice_).status(), 404);
}

TEST_F(ResponsesHandlerTest, AStreamedResponseIsStoredToo) {
  const FakeExchange stream = create(R"("input":"a","store":true,"stream":true,"temperature":0)", alice_);
  const std::string events = stream.streamed + stream.replied->body;
  const std::size_t at = events.find("resp_");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(ask("GET", events.substr(at, std::string_view("resp_").size() + 32), alice_).status(), 200);
}

TEST_F(ResponsesHandlerTest, AResponseThatFailedIsNotStored) {
  engine_.before_generate = [] { return fail(Fault::internal, "broken"); };
  const FakeExchange stream = create(R"("input":"a","store":true,"stream":true)", alice_);
  const std::string events = stream.streamed + stream.replied->body;
  if (const std::size_t at = events.find("resp_"); at != std::string::npos) {
    EXPECT_EQ(ask("GET", events.substr(at, std::string_view("resp_").size() + 32), alice_).status(), 404);
  }
  EXPECT_EQ(handler_.purge("alice"), 0U);
}

TEST_F(ResponsesHandlerTest, RefusesToStoreWhereItStoresNothing) {
  ResponsesHandler none({pipeline_, engine_, intake_, sender_, "tiny", {.bytes_max = 0}});
  FakeExchange exchange("/v1/responses", R"({"input":"a","store":true})");
  none.create(exchange, alice_);
  EXPECT_EQ(exchange.status(), 400);
  EXPECT_EQ(value_at(exchange.replied->body, "/error/param"), R"("store")");
}

TEST_F(ResponsesHandlerTest, CountsTheTokensOfTheInput) {
  FakeExchange exchange("/v1/responses/input_tokens", R"({"input":"a b c"})");
  for (const BackendRoute& route : handler_.routes()) {
    if (route.method == "POST") route.handle(exchange, alice_);
  }
  EXPECT_EQ(value_at(exchange.replied->body, "/object"), R"("response.input_tokens")");
  const FakeExchange answered = create(R"("input":"a b c")", alice_);
  EXPECT_EQ(value_at(exchange.replied->body, "/input_tokens"), value_at(answered.replied->body, "/usage/input_tokens"));
}

}  // namespace
}  // namespace fovea::serve
