#include "engine/upstream/call_id.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

TEST(CallId, IsTheRepliesOwnAndHasTheSameForm) {
  const std::string id = "call_0a1B2c3D4e5F", fresh = fresh_call_id(id, "r1");
  EXPECT_NE(fresh, id);
  EXPECT_TRUE(fresh.starts_with("call_"));
  EXPECT_EQ(fresh.size(), id.size());
  EXPECT_EQ(fresh_call_id(id, "r1"), fresh);
  EXPECT_NE(fresh_call_id(id, "r2"), fresh);
  EXPECT_NE(fresh_call_id("call_0a1B2c3D4e5G", "r1"), fresh);
  EXPECT_EQ(fresh_call_id("a1B2c3D4e", "r1").size(), 9U) << "templates of Mistral's take no other length";
  EXPECT_EQ(fresh_call_id(std::string(200, 'a'), "r1").size(), 200U);
}

TEST(CallId, StaysWhereNothingInItIsRandom) {
  for (const char* id : {"", "t0", "functions.look:0", "look_1234567"}) EXPECT_EQ(fresh_call_id(id, "r1"), id);
}

}  // namespace
}  // namespace fovea
