#include "serve/http/route.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fovea::serve {
namespace {

class RouteTableTest : public testing::Test {
 protected:
  // "METHOD PATH" of the route that is found, with the version's prefix in front where it was added.
  std::string found(std::string_view method, std::string_view path) const {
    const auto match = table_.find(method, path);
    if (match.route == nullptr) return match.allow.empty() ? "404" : "405 " + std::string(match.allow);
    return std::string(match.version_prefix) + "|" + match.route->method + " " + match.route->path;
  }

  const std::vector<Route> routes_ = {{"POST", "/v1/chat/completions", {}},
                                      {"GET", "/v1/files", {}},
                                      {"POST", "/v1/files", {}},
                                      {"GET", "/v1/files/*", {}},
                                      {"DELETE", "/v1/files/*", {}},
                                      {"GET", "/", {}},
                                      {"GET", "/health", {}},
                                      {"GET", "/dashboard/*", {}}};
  const RouteTable table_{routes_};
};

TEST_F(RouteTableTest, FindsAPathAndAllBelowOne) {
  EXPECT_EQ(found("POST", "/v1/chat/completions"), "|POST /v1/chat/completions");
  EXPECT_EQ(found("GET", "/"), "|GET /");
  EXPECT_EQ(found("GET", "/v1/files/a/content"), "|GET /v1/files/*");
  EXPECT_EQ(found("DELETE", "/v1/files/a"), "|DELETE /v1/files/*");
  for (const char* path : {"/nothing", "/v1", "/v1/files/", "/v1/file", "/V1/files", "", "/dashboard"})
    EXPECT_EQ(found("GET", path), "404") << path;
}

TEST_F(RouteTableTest, AVersionMayBeLeftOut) {
  EXPECT_EQ(found("POST", "/chat/completions"), "/v1|POST /v1/chat/completions");
  EXPECT_EQ(found("GET", "/files/a"), "/v1|GET /v1/files/*");
  EXPECT_EQ(found("GET", "/health"), "|GET /health");
  EXPECT_EQ(found("GET", "/v1/health"), "404");
}

TEST_F(RouteTableTest, SaysWhichMethodsAreServed) {
  EXPECT_EQ(found("PUT", "/v1/files"), "405 GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(found("GET", "/chat/completions"), "405 POST, OPTIONS");
  EXPECT_EQ(found("HEAD", "/v1/files"), "|GET /v1/files");
  EXPECT_EQ(found("HEAD", "/v1/chat/completions"), "405 POST, OPTIONS");
  EXPECT_EQ(found("get", "/v1/files"), "405 GET, HEAD, POST, OPTIONS") << "a method's letters are as they are";
}

TEST(RouteTable, WhatTakesEverythingComesLast) {
  const std::vector<Route> routes = {{"*", "/*", {}}, {"POST", "/v1/chat/completions", {}}, {"GET", "/v1/files/*", {}}};
  const RouteTable table(routes);
  EXPECT_EQ(table.find("PATCH", "/other").route, &routes[0]);
  EXPECT_EQ(table.find("POST", "/chat/completions").route, &routes[1]);
  EXPECT_EQ(table.find("GET", "/files/a").route, &routes[2]);
}

TEST(RouteTable, WhatTakesEverythingTakesPathsAsTheyAre) {
  const std::vector<Route> routes = {
      {"*", "/*", {}},        {"GET", "/v1/models", {}},   {"*", "/v1/models", {}},        {"*", "/v1/models/*", {}},
      {"*", "/models/*", {}}, {"GET", "/v1/models/*", {}}, {"POST", "/v1/completions", {}}};
  const RouteTable table(routes);
  const auto is_as_it_is = [&](const char* method, const char* path, std::size_t route) {
    const auto match = table.find(method, path);
    return match.route == &routes[route] && match.version_prefix.empty();
  };
  EXPECT_TRUE(is_as_it_is("POST", "/models", 0));
  EXPECT_TRUE(is_as_it_is("POST", "/models/load", 4));
  EXPECT_TRUE(is_as_it_is("GET", "/models/sse", 4));
  EXPECT_TRUE(is_as_it_is("PUT", "/completions", 0));
  EXPECT_TRUE(is_as_it_is("POST", "/messages/count_tokens", 0));
  EXPECT_EQ(table.find("GET", "/models").route, &routes[1]);
  EXPECT_EQ(table.find("GET", "/models").version_prefix, "/v1");
  EXPECT_EQ(table.find("POST", "/completions").route, &routes[6]);
}

}  // namespace
}  // namespace fovea::serve
