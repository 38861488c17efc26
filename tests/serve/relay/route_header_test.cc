#include "serve/relay/route_header.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

TEST(RouteHeader, IsAnyNameThatNobodyElseUses) {
  EXPECT_EQ(check_route_header("X-Fovea-Picture").value(), "x-fovea-picture");
  EXPECT_EQ(check_route_header("route_key.1").value(), "route_key.1");
  EXPECT_EQ(check_route_header(std::string(128, 'x')).value(), std::string(128, 'x'));
}

TEST(RouteHeader, IsANameOfRfc9110) {
  for (const std::string& name :
       {std::string(), std::string("x key"), std::string("x:"), std::string("x\r\ny"), std::string("x\0y", 3),
        std::string("sch\xc3\xb6n"), std::string("\"x\""), std::string(129, 'x')}) {
    const auto checked = check_route_header(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().fault, Fault::invalid);
    EXPECT_TRUE(checked.error().message.contains("no header's name")) << checked.error().message;
  }
}

TEST(RouteHeader, ChangesNothingThatARequestMeans) {
  for (const char* name :
       {"Connection", "TE", "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "Host", "Authorization", "X-API-Key",
        "Cookie", "Content-Length", "content-anything", "Accept", "If-None-Match", "Expect", "X-Request-Id",
        "X-Forwarded-For", "Anthropic-Version", "OpenAI-Beta"}) {
    const auto checked = check_route_header(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_TRUE(checked.error().message.starts_with(std::string(name) + " has a meaning of its own")) << name;
  }
}

}  // namespace
}  // namespace fovea::serve
