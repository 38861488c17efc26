#include "serve/http/message/cors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace fovea::serve {
namespace {

RequestHead head(std::string method, Headers headers) {
  RequestHead head;
  head.method = std::move(method);
  head.headers = std::move(headers);
  return head;
}

std::string value_of(const Headers& headers, std::string_view name) {
  const auto found = std::ranges::find(headers, name, &Headers::value_type::first);
  return found == headers.end() ? "" : found->second;
}

Headers added(const std::vector<std::string>& origins, const std::string& origin) {
  Headers headers;
  Cors(origins).add_to(headers, head("GET", {{"origin", origin}}));
  return headers;
}

TEST(Cors, WithoutOriginsNothingIsSaid) {
  EXPECT_TRUE(added({}, "https://a.example").empty());
  EXPECT_TRUE(Cors({}).preflight(head("OPTIONS", {{"origin", "https://a.example"}}), "GET").empty());
}

TEST(Cors, ANamedOriginMayReadAndSendCredentials) {
  const Headers headers = added({"https://a.example"}, "https://a.example");
  EXPECT_EQ(value_of(headers, "Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(value_of(headers, "Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(value_of(headers, "Vary"), "Origin");
  for (const char* name : {"Cache-Status", "Age", "Server-Timing", "Fovea-Image-Keys"})
    EXPECT_TRUE(value_of(headers, "Access-Control-Expose-Headers").contains(name)) << name;
}

TEST(Cors, AnotherOriginMayNot) {
  for (const char* origin :
       {"https://b.example", "http://a.example", "https://a.example:8080", "https://a.example.b", ""}) {
    const Headers headers = added({"https://a.example"}, origin);
    EXPECT_EQ(value_of(headers, "Access-Control-Allow-Origin"), "") << origin;
    EXPECT_EQ(value_of(headers, "Vary"), "Origin") << "a cache must not give this reply to the origin that may";
  }
}

TEST(Cors, AnyOriginHasNoCredentials) {
  const Headers headers = added({"*"}, "https://b.example");
  EXPECT_EQ(value_of(headers, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(value_of(headers, "Access-Control-Allow-Credentials"), "");
}

TEST(Cors, APreflightHasAnOriginAndAMethod) {
  const Headers both = {{"origin", "https://a.example"}, {"access-control-request-method", "POST"}};
  EXPECT_TRUE(Cors::is_preflight(head("OPTIONS", both)));
  EXPECT_FALSE(Cors::is_preflight(head("POST", both)));
  EXPECT_FALSE(Cors::is_preflight(head("OPTIONS", {{"origin", "https://a.example"}})));
}

TEST(Cors, APreflightLearnsWhatItMaySend) {
  const Cors cors({"https://a.example"});
  Headers asked = {{"origin", "https://a.example"}, {"access-control-request-headers", "authorization, content-type"}};
  const Headers headers = cors.preflight(head("OPTIONS", asked), "POST, OPTIONS");
  EXPECT_EQ(value_of(headers, "Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(value_of(headers, "Access-Control-Allow-Headers"), "authorization, content-type");
  EXPECT_NE(value_of(headers, "Access-Control-Max-Age"), "");
  asked.back().second = "x\"<script>";
  EXPECT_EQ(value_of(cors.preflight(head("OPTIONS", asked), "POST"), "Access-Control-Allow-Headers"), "");
}

}  // namespace
}  // namespace fovea::serve
