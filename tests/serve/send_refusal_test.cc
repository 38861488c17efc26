#include "serve/send_refusal.h"

#include <gtest/gtest.h>

#include "serve/fake_exchange.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeExchange;
using test::value_at;

TEST(RefuseWith, RepliesWithStatusAndErrorObject) {
  FakeExchange exchange("/");
  send_refusal(exchange, {404, "no such file", "id", "file_not_found"});
  EXPECT_EQ(exchange.status(), 404);
  EXPECT_EQ(exchange.replied->content_type, "application/json");
  EXPECT_EQ(value_at(exchange.replied->body, "/error/code"), R"("file_not_found")");
  EXPECT_TRUE(exchange.replied->headers.empty());
}

TEST(RefuseWith, SaysWhenToAskAgain) {
  FakeExchange exchange("/");
  send_refusal(exchange, {.status = 429, .retry_after_s = 7});
  EXPECT_EQ(exchange.reply_header("Retry-After"), "7");
}

TEST(RefuseWith, NamesTheSchemeWhereTheKeyIsWrong) {
  FakeExchange exchange("/");
  send_refusal(exchange, {.status = 401});
  EXPECT_EQ(exchange.reply_header("WWW-Authenticate"), "Bearer");
}

TEST(RefuseWith, SpeaksTheFormOfTheApiThatWasAsked) {
  FakeExchange messages("/v1/messages"), models("/v1/models/x"), chat("/v1/chat/completions");
  models.headers["anthropic-version"] = "2023-06-01";
  for (FakeExchange* exchange : {&messages, &models, &chat}) send_refusal(*exchange, {.status = 404, .message = "no"});
  EXPECT_EQ(value_at(messages.replied->body, "/error/type"), R"("not_found_error")");
  EXPECT_EQ(value_at(messages.replied->body, "/request_id"), '"' + messages.reply_header("request-id") + '"');
  EXPECT_EQ(value_at(models.replied->body, "/type"), R"("error")");
  EXPECT_EQ(value_at(chat.replied->body, "/type"), "absent");
}

}  // namespace
}  // namespace fovea::serve
