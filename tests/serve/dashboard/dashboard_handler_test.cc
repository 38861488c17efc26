#include "serve/dashboard/dashboard_handler.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/fake_backend.h"
#include "serve/fake_exchange.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeBackend;
using test::FakeExchange;
using test::value_at;

const Tenant alice{.name = "alice"};
const Tenant admin{.name = "alice", .admin = true};
const Key image_key = KeyBuilder("test/1").field("image").finish();

class DashboardHandlerTest : public testing::Test {
 protected:
  void add(const std::string& question) {
    Request request;
    request.tenant = "alice";
    request.messages = {{"user", {question}}};
    request.sources = {{Blob::copy_of("no image"), "image"}};
    Answer answer{.text = "A cat."};
    answer.report = {.response = Outcome::miss, .images = {{.image_key = image_key, .width = 3, .height = 2}}};
    answer.report.times.encode_ms = 5;
    recent_.add(request, answer, 2000);
  }

  std::string state(const Tenant& tenant, const std::string& after = "") {
    FakeExchange exchange("/v1/dashboard/state");
    exchange.parameters["after"] = after;
    handler_.state(exchange, tenant);
    return exchange.replied->body;
  }

  FakeExchange file(const std::string& path) {
    FakeExchange exchange(path);
    handler_.file(exchange);
    return exchange;
  }

  FakeBackend backend_;
  RecentRequests recent_;
  DashboardHandler handler_{{.cache = backend_, .recent = recent_, .model = "tiny"}};
};

TEST_F(DashboardHandlerTest, GivesThePageAndItsFiles) {
  EXPECT_TRUE(file("/").replied->body.starts_with("<!doctype html>"));
  for (const auto& [name, type] :
       {std::pair("index.html", "text/html; charset=utf-8"), std::pair("app.js", "text/javascript; charset=utf-8"),
        std::pair("requests.js", "text/javascript; charset=utf-8"), std::pair("style.css", "text/css; charset=utf-8"),
        std::pair("icon.svg", "image/svg+xml")}) {
    const FakeExchange exchange = file(std::string("/dashboard/") + name);
    EXPECT_EQ(exchange.status(), 200) << name;
    EXPECT_EQ(exchange.replied->content_type, type);
    EXPECT_TRUE(exchange.reply_header("Content-Security-Policy").starts_with("default-src 'none'"));
  }
  EXPECT_EQ(file("/dashboard/../service.cc").status(), 404);
}

TEST_F(DashboardHandlerTest, TheStateHasRecentRequests) {
  add("What is it?");
  const std::string json = state(alice);
  EXPECT_EQ(value_at(json, "/model"), R"("tiny")");
  EXPECT_EQ(value_at(json, "/tenant"), R"("alice")");
  EXPECT_EQ(value_at(json, "/answered_by/model"), "1");
  EXPECT_EQ(value_at(json, "/recent_requests/0/question"), R"("What is it?")");
  EXPECT_EQ(value_at(json, "/recent_requests/0/answer"), R"("A cat.")");
  EXPECT_EQ(value_at(json, "/recent_requests/0/answered_by"), R"("model")");
  EXPECT_EQ(value_at(json, "/recent_requests/0/stages"), R"([{"stage":"encode","ms":5}])");
  EXPECT_EQ(value_at(json, "/recent_requests/0/images/0/key"), '"' + image_key.hex() + '"');
  EXPECT_EQ(value_at(json, "/recent_requests/0/images_asked"), "1");
}

TEST_F(DashboardHandlerTest, OnlyRequestsAfterAnIdAreSent) {
  add("first");
  add("second");
  EXPECT_EQ(value_at(state(alice, "1"), "/recent_requests/0/question"), R"("second")");
  EXPECT_EQ(value_at(state(alice, "2"), "/recent_requests"), "[]");
  EXPECT_EQ(value_at(state(alice, "no number"), "/recent_requests/1/question"), R"("second")");
}

TEST_F(DashboardHandlerTest, OnlyAdminsSeeTheNumbersOfTheLevels) {
  add("What is it?");
  backend_.levels = {{"response", {.hits = 9, .saved_ms = 70, .entries = 4, .bytes = 100, .bytes_max = 200}}};
  EXPECT_EQ(value_at(state(admin), "/levels/0/hits"), "9");
  EXPECT_EQ(value_at(state(admin), "/levels/0/bytes"), "100");
  EXPECT_EQ(value_at(state(admin), "/saved_ms"), "70");
  EXPECT_EQ(value_at(state(alice), "/levels/0/hits"), "0");
  EXPECT_EQ(value_at(state(alice), "/levels/0/misses"), "1");
  EXPECT_EQ(value_at(state(alice), "/levels/0/bytes"), "null");
  EXPECT_EQ(value_at(state(alice), "/saved_ms"), "0");
}

TEST_F(DashboardHandlerTest, OnlyAdminsSeeTheTiers) {
  backend_.tiers = {{.kind = TierKind::disk, .last_fault = "the disk is full"}};
  EXPECT_EQ(value_at(state(admin), "/tiers/0/tier"), R"("disk")");
  EXPECT_EQ(value_at(state(admin), "/tiers/0/last_fault"), R"("the disk is full")");
  EXPECT_EQ(value_at(state(alice), "/tiers"), "[]");
}

TEST_F(DashboardHandlerTest, AThumbnailThatCannotBeMadeIsNotFound) {
  add("What is it?");
  for (const std::string& name : {image_key.hex(), std::string("zz")}) {
    FakeExchange exchange("/v1/dashboard/thumbnails/" + name);
    handler_.thumbnail(exchange, alice);
    EXPECT_EQ(exchange.status(), 404) << name;
  }
}

}  // namespace
}  // namespace fovea::serve
