#include "serve/anthropic/error_reply.h"

#include <gtest/gtest.h>

namespace fovea::serve::anthropic {
namespace {

TEST(ErrorReply, HasAnthropicsFields) {
  EXPECT_EQ(error_json({400, "too long", "messages", "invalid_value"}, "req_1"),
            R"({"type":"error","error":{"type":"invalid_request_error","message":"too long"},"request_id":"req_1"})");
}

// Incident 29: what a client sent is not sent back whole.
TEST(ErrorReply, QuotesABoundedPartOfWhatWasSent) {
  EXPECT_LT(error_json({400, std::string(1 << 20, 'a'), "", ""}, "req_1").size(), 2'000U);
}

TEST(ErrorReply, TheTypeFollowsFromTheStatus) {
  const auto type = [](int status) { return std::string(error_type({.status = status})); };
  EXPECT_EQ(type(400), "invalid_request_error");
  EXPECT_EQ(type(401), "authentication_error");
  EXPECT_EQ(type(403), "permission_error");
  EXPECT_EQ(type(404), "not_found_error");
  EXPECT_EQ(type(413), "request_too_large");
  EXPECT_EQ(type(429), "rate_limit_error");
  EXPECT_EQ(type(500), "api_error");
  EXPECT_EQ(type(503), "overloaded_error");
  EXPECT_EQ(type(504), "timeout_error");
}

TEST(ErrorReply, IsForAnthropicsPathsAndClients) {
  EXPECT_TRUE(speaks_messages("/v1/messages", ""));
  EXPECT_TRUE(speaks_messages("/v1/messages/count_tokens", ""));
  EXPECT_TRUE(speaks_messages("/v1/messages/unknown", ""));
  EXPECT_TRUE(speaks_messages("/messages", ""));
  EXPECT_TRUE(speaks_messages("/v1/models/x", "2023-06-01"));
  EXPECT_FALSE(speaks_messages("/v1/models/x", ""));
  EXPECT_FALSE(speaks_messages("/v1/messagesx", ""));
  EXPECT_FALSE(speaks_messages("/v1/chat/completions", ""));
}

}  // namespace
}  // namespace fovea::serve::anthropic
