// The routes of a service, called as HttpServer calls them. A relay whose upstream is never asked stands
// behind it.
#include "serve/service.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <format>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "serve/fake_exchange.h"
#include "serve/tenants.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeExchange;

constexpr const char* keys_file =
    "[tenants.alice]\nkeys = [\"{}\"]\nrequests_per_minute = 2\n[tenants.root]\nkeys = [\"{}\"]\nadmin = true\n";

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() : file_(std::filesystem::temp_directory_path() / ("fovea-service-test-" + std::to_string(getpid()))) {
    std::ofstream(file_) << std::vformat(keys_file, std::make_format_args(alice_hash_, root_hash_));
    upstream_ = Upstream::open({.url = "http://127.0.0.1:9/v1"}).value();
    relay_ = std::make_unique<Relay>(*upstream_, RelayOptions{});
    service_ = std::make_unique<Service>(*upstream_, *relay_, Service::Records{Tenants::open(file_).value(), nullptr},
                                         ServiceOptions{});
  }
  ~ServiceTest() override { std::filesystem::remove(file_); }

  // The reply to a request for the first route that takes it; 0 where none does.
  int status(std::string_view method, const std::string& path, const std::string& key = "") {
    FakeExchange exchange(path);
    if (!key.empty()) exchange.headers["authorization"] = "Bearer " + key;
    for (const HttpServer::Route& route : service_->routes()) {
      const bool below = route.path.ends_with("/*") && path.starts_with(route.path.substr(0, route.path.size() - 1));
      if (route.method != method || !(below || route.path == path)) continue;
      route.handler(exchange);
      reply_ = exchange.replied.value();
      return reply_.status;
    }
    return 0;
  }

  const std::string alice_hash_ = hash_of_key("alice-key"), root_hash_ = hash_of_key("root-key");
  const std::filesystem::path file_;
  std::unique_ptr<Upstream> upstream_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<Service> service_;
  Reply reply_;  // the last one
};

TEST_F(ServiceTest, EverythingUnderV1NeedsAKey) {
  int routes = 0;
  for (const HttpServer::Route& route : service_->routes()) {
    if (!route.path.starts_with("/v1/")) continue;
    ++routes;
    FakeExchange exchange(route.path);
    route.handler(exchange);
    EXPECT_EQ(exchange.status(), 401) << route.method << ' ' << route.path;
    ASSERT_TRUE(route.admit) << route.method << ' ' << route.path;
    EXPECT_EQ(route.admit(RequestHead()).error().status, 401) << "before its body is read";
    RequestHead with_key;
    with_key.headers = {{"x-api-key", "alice-key"}};
    EXPECT_TRUE(route.admit(with_key));
  }
  EXPECT_GE(routes, 14);
}

TEST_F(ServiceTest, ThePageHealthAndMetricsAreForEverybody) {
  for (const char* path : {"/", "/dashboard/app.js", "/health", "/ready", "/metrics"})
    EXPECT_EQ(status("GET", path), 200) << path;
  const std::set<std::string> open = {"/", "/dashboard/*", "/health", "/ready", "/metrics"};
  for (const HttpServer::Route& route : service_->routes())
    EXPECT_EQ(route.admit == nullptr, open.contains(route.path)) << route.path;
}

TEST_F(ServiceTest, ATenantsLimitsHold) {
  EXPECT_EQ(status("GET", "/v1/files", "alice-key"), 200);
  EXPECT_EQ(status("GET", "/v1/files", "alice-key"), 200);
  EXPECT_EQ(status("GET", "/v1/files", "alice-key"), 429);
}

TEST_F(ServiceTest, TheDashboardDoesNotUseUpTheLimits) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status("GET", "/v1/dashboard/state", "alice-key"), 200);
  EXPECT_EQ(status("GET", "/v1/files", "alice-key"), 200);
}

TEST_F(ServiceTest, RoutesReachTheirHandlers) {
  EXPECT_EQ(status("GET", "/v1/cache/stats", "alice-key"), 403);
  EXPECT_EQ(status("GET", "/v1/cache/stats", "root-key"), 200);
  EXPECT_EQ(status("GET", "/v1/cache/events", "alice-key"), 403);
  EXPECT_EQ(status("DELETE", "/v1/cache/images/abc", "root-key"), 400);
  EXPECT_EQ(status("DELETE", "/v1/files/file-1", "root-key"), 404);
  EXPECT_EQ(status("POST", "/v1/cache/warm", "root-key"), 400);
  EXPECT_TRUE(reply_.body.contains("another server encodes the pictures")) << reply_.body;
  EXPECT_EQ(status("POST", "/v1/responses", "root-key"), 400) << "an empty body";
  EXPECT_EQ(status("POST", "/v1/chat/completions", "root-key"), 400) << "an empty body";
}

TEST_F(ServiceTest, RefusalsAreCounted) {
  status("GET", "/v1/files");
  status("POST", "/v1/chat/completions", "root-key");
  status("GET", "/metrics");
  EXPECT_TRUE(reply_.body.contains("fovea_requests_total{response=\"none\",status=\"401\"} 1\n"));
  EXPECT_TRUE(reply_.body.contains("fovea_requests_total{response=\"none\",status=\"400\"} 1\n"));
}

TEST_F(ServiceTest, AfterStopItIsNotReadyAndTellsNoMoreEvents) {
  service_->stop();
  EXPECT_EQ(status("GET", "/v1/cache/events", "root-key"), 200);
  EXPECT_EQ(reply_.content_type, "text/event-stream");
  EXPECT_EQ(status("GET", "/ready"), 503);
  EXPECT_EQ(status("GET", "/health"), 200);
}

TEST_F(ServiceTest, ReloadsItsKeys) {
  std::ofstream(file_) << "[tenants.bob]\nkeys = [\"" << hash_of_key("bob-key") << "\"]\n";
  ASSERT_TRUE(service_->reload_keys());
  EXPECT_EQ(status("GET", "/v1/files", "bob-key"), 200);
  EXPECT_EQ(status("GET", "/v1/files", "alice-key"), 401);
}

}  // namespace
}  // namespace fovea::serve
