#include "serve/http/connection/early_reply.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

namespace fovea::serve {
namespace {

class EarlyReplyTest : public testing::Test {
 protected:
  static RequestHead asking(std::string method, std::string path, Headers headers = {}) {
    RequestHead head;
    head.method = std::move(method);
    head.target = head.path = std::move(path);
    head.headers = std::move(headers);
    return head;
  }
  std::optional<EarlyReply> early(const RequestHead& head) const {
    return early_reply(head, table_.find(head.method, head.path), parts_);
  }
  // The status of the early reply; 0 where a handler replies.
  int status(const RequestHead& head) const {
    const auto found = early(head);
    return found ? found->reply.status : 0;
  }

  static Parsed<void> needs_key(const RequestHead& head) {
    if (head.header("x-api-key") == "key") return {};
    return std::unexpected(Refusal{401, "no API key", {}, "invalid_api_key"});
  }

  HttpServerOptions options_{.body_bytes_max = 1000};
  std::vector<Route> routes_{{"POST", "/v1/messages", [](Exchange&) {}},
                             {"GET", "/health", [](Exchange&) {}},
                             {"POST", "/v1/secret", [](Exchange&) {}, false, needs_key}};
  RouteTable table_{routes_};
  Cors cors_{{"https://app.example"}};
  BodyMemory memory_{1000};
  HandlerPool pool_{0};
  OpenRequests open_;
  std::atomic<bool> draining_ = false;
  std::atomic<std::size_t> unanswered_ = 0;
  HttpServer::OnRefusal on_refusal_;
  ConnectionParts parts_{options_, table_, cors_, memory_, pool_, pool_, open_, draining_, unanswered_, on_refusal_};
};

TEST_F(EarlyReplyTest, ARequestWithAHandlerHasNone) {
  EXPECT_FALSE(early(asking("GET", "/health")));
  EXPECT_FALSE(early(asking("HEAD", "/health")));
  EXPECT_FALSE(early(asking("POST", "/v1/messages", {{"expect", "100-Continue"}, {"content-encoding", "gzip"}})));
}

TEST_F(EarlyReplyTest, WhatIsNotThere) {
  EXPECT_EQ(status(asking("GET", "/nothing")), 404);
  const auto wrong = early(asking("PUT", "/health"));
  EXPECT_EQ(wrong->reply.status, 405);
  EXPECT_EQ(wrong->reply.headers.back(), (std::pair<std::string, std::string>("Allow", "GET, HEAD, OPTIONS")));
  EXPECT_FALSE(wrong->closes);
}

TEST_F(EarlyReplyTest, ABodyThatIsNotReadEndsTheConnection) {
  RequestHead head = asking("POST", "/nothing");
  head.length = 2;
  EXPECT_TRUE(early(head)->closes);
  head.length = 0;
  EXPECT_FALSE(early(head)->closes);
  head.chunked = true;
  EXPECT_TRUE(early(head)->closes);
}

TEST_F(EarlyReplyTest, WhatNoHandlerCouldMakeGood) {
  EXPECT_EQ(status(asking("POST", "/v1/messages", {{"expect", "200-ok"}})), 417);
  EXPECT_EQ(status(asking("POST", "/v1/messages", {{"content-encoding", "br"}})), 415);
  RequestHead large = asking("POST", "/messages");
  large.length = 1001;
  const auto refused = early(large);
  EXPECT_EQ(refused->reply.status, 413);
  EXPECT_TRUE(refused->closes);
  EXPECT_TRUE(refused->reply.body.starts_with(R"({"type":"error")")) << "as that API refuses: " << refused->reply.body;
}

TEST_F(EarlyReplyTest, AKeyIsLookedAtBeforeTheBody) {
  RequestHead large = asking("POST", "/secret");
  large.length = 1001;
  const auto refused = early(large);
  EXPECT_EQ(refused->reply.status, 401);
  EXPECT_TRUE(refused->closes);
  large.headers = {{"x-api-key", "key"}};
  EXPECT_EQ(status(large), 413) << "who may ask learns the bound";
  EXPECT_EQ(status(asking("POST", "/secret", {{"x-api-key", "key"}})), 0);
  EXPECT_EQ(status(asking("OPTIONS", "/secret")), 204) << "browsers ask that without a key";
}

TEST_F(EarlyReplyTest, OptionsAreAnsweredHere) {
  EXPECT_EQ(status(asking("OPTIONS", "*")), 204);
  const auto asked = early(asking("OPTIONS", "/health"));
  EXPECT_EQ(asked->reply.status, 204);
  EXPECT_FALSE(asked->is_preflight);
  const auto preflight = early(asking("OPTIONS", "/v1/messages",
                                      {{"origin", "https://app.example"}, {"access-control-request-method", "POST"}}));
  EXPECT_TRUE(preflight->is_preflight);
  EXPECT_GT(preflight->reply.headers.size(), 1U);
}

TEST_F(EarlyReplyTest, AForeignPageIsRefusedWhereThatIsChecked) {
  const RequestHead asked = asking("POST", "/v1/messages", {{"origin", "null"}, {"host", "fovea.example"}});
  EXPECT_EQ(status(asked), 0);
  options_.pages_checked = true;
  EXPECT_EQ(status(asked), 403);
}

TEST_F(EarlyReplyTest, WhileItShutsDownNothingIsAsked) {
  draining_ = true;
  const auto refused = early(asking("GET", "/health"));
  EXPECT_EQ(refused->reply.status, 503);
  EXPECT_TRUE(refused->closes);
}

}  // namespace
}  // namespace fovea::serve
