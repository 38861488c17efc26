#include "serve/http/message/reply_text.h"

#include <gtest/gtest.h>

namespace fovea::serve {
namespace {

TEST(ReplyText, HasStatusTypeAndLength) {
  const std::string head = reply_head({.status = 503, .headers = {{"Retry-After", "1"}}}, {.length = 12});
  EXPECT_TRUE(head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_TRUE(head.contains("\r\nContent-Type: application/json\r\n"));
  EXPECT_TRUE(head.contains("\r\nContent-Length: 12\r\n"));
  EXPECT_TRUE(head.contains("\r\nRetry-After: 1\r\n"));
  EXPECT_TRUE(head.contains(" GMT\r\n"));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  EXPECT_FALSE(head.contains("Connection:"));
}

TEST(ReplyText, SaysHowABodyEnds) {
  EXPECT_TRUE(reply_head({}, {.end = BodyEnd::chunks}).contains("\r\nTransfer-Encoding: chunked\r\n"));
  const std::string until_closed = reply_head({}, {.end = BodyEnd::connection, .keep_alive = false, .http_1_1 = false});
  EXPECT_FALSE(until_closed.contains("Content-Length"));
  EXPECT_FALSE(until_closed.contains("Transfer-Encoding"));
  EXPECT_TRUE(until_closed.contains("\r\nConnection: close\r\n"));
  EXPECT_TRUE(reply_head({}, {.http_1_1 = false}).contains("\r\nConnection: keep-alive\r\n"));
}

TEST(ReplyText, AReplyWithoutABodyHasNoLength) {
  const std::string head = reply_head({.status = 204}, {});
  EXPECT_FALSE(head.contains("Content-"));
  const std::string unchanged = reply_head({.status = 304, .length = 7}, {});
  EXPECT_TRUE(unchanged.contains("\r\nContent-Length: 7\r\n")) << "of what did not change";
  EXPECT_TRUE(has_no_body(304));
  EXPECT_FALSE(has_no_body(200));
}

TEST(ReplyText, AValueEndsNoLine) {
  const std::string head = reply_head({.headers = {{"X", "a\r\nSet-Cookie: b"}}}, {});
  EXPECT_TRUE(head.contains("\r\nX: a  Set-Cookie: b\r\n"));
}

TEST(ReplyText, AChunkHasItsSizeInHexadecimal) {
  EXPECT_EQ(chunk_of(std::string(26, 'x')), "1a\r\n" + std::string(26, 'x') + "\r\n");
}

}  // namespace
}  // namespace fovea::serve
