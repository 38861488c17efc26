#include "audit/spoilers/tool_order.h"

#include <gtest/gtest.h>

#include "audit/spoilers/seen_spoilers.h"

namespace fovea {
namespace {

using test::Asked;

class ToolOrderTest : public testing::Test {
 protected:
  ToolOrder order;
  test::SeenSpoilers seen{[this](const PlacedRequest& placed, SpoilerTable& table) { order.see(placed, table); }};
};

TEST_F(ToolOrderTest, TheSameToolsInAnotherOrder) {
  seen.see(Asked().tool("search").tool("weather").tool("clock").user("?"));
  seen.see(Asked().tool("search").tool("weather").tool("clock").user("?"));  // in the same one
  seen.see(Asked().tool("weather").tool("search").tool("clock").user("?"));
  seen.see(Asked().tool("clock").tool("search").tool("weather").user("?"));
  seen.see(Asked().tool("weather").tool("search").tool("clock").user("?"));  // known by now
  seen.see(Asked().tool("search").tool("clock").tool("weather").user("?"));
  const auto found = seen.found();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SpoilerKind::changing_tools);
  EXPECT_EQ(found[0].requests, 3U);
  EXPECT_EQ(found[0].where, "tool definitions");
}

TEST_F(ToolOrderTest, OtherToolsAreNoOtherOrder) {
  seen.see(Asked().tool("search").tool("weather").user("?"));
  seen.see(Asked().tool("weather").tool("clock").user("?"));
  seen.see(Asked().tool("weather").user("?"));
  seen.see(Asked().user("?"));
  EXPECT_TRUE(seen.found().empty());
}

}  // namespace
}  // namespace fovea
