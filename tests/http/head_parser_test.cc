#include "http/head_parser.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace fovea {
namespace {

HeadParser parsed(std::initializer_list<std::string_view> lines) {
  HeadParser parser;
  for (const std::string_view line : lines) parser.take_line(line);
  return parser;
}

TEST(HeadParser, ReadsStatusAndHeaders) {
  const HeadParser parser =
      parsed({"HTTP/1.1 404 Not Found\r\n", "Content-Type:  text/plain \r\n", "X: a:b\r\n", "\r\n"});
  EXPECT_TRUE(parser.complete());
  EXPECT_EQ(parser.head().status, 404);
  EXPECT_EQ(parser.head().header("content-type"), "text/plain");
  EXPECT_EQ(parser.head().header("X"), "a:b");
}

TEST(HeadParser, IsIncompleteUntilTheEmptyLine) {
  EXPECT_FALSE(parsed({"HTTP/1.1 200 OK\r\n", "A: b\r\n"}).complete());
}

TEST(HeadParser, DropsHeadsBeforeTheFinalOne) {
  const HeadParser parser = parsed({"HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "\r\n", "HTTP/2 200\r\n", "\r\n"});
  EXPECT_TRUE(parser.complete());
  EXPECT_EQ(parser.head().status, 200);
  EXPECT_TRUE(parser.head().headers.empty());
}

TEST(HeadParser, DropsTrailers) {
  HeadParser parser = parsed({"HTTP/1.1 200 OK\r\n", "\r\n"});
  const auto bytes = parser.bytes();
  parser.take_line("Set-Cookie: late\r\n");
  EXPECT_TRUE(parser.head().headers.empty());
  EXPECT_EQ(parser.bytes(), bytes);
}

TEST(HeadParser, CountsTheBytesOfAllHeads) {
  EXPECT_EQ(parsed({"HTTP/1.1 100\r\n", "\r\n", "HTTP/1.1 200\r\n", "\r\n"}).bytes(), 32U);
}

TEST(HeadParser, ALineThatIsNoHeaderIsDropped) {
  const HeadParser parser = parsed({"HTTP/1.1 200 OK\r\n", "no colon here\r\n", "\r\n"});
  EXPECT_TRUE(parser.complete());
  EXPECT_TRUE(parser.head().headers.empty());
}

TEST(HeadParser, AStatusThatIsNoneIsNeverComplete) {
  EXPECT_FALSE(parsed({"HTTP/1.1 abc\r\n", "\r\n"}).complete());
  EXPECT_FALSE(parsed({"HTTP/1.1\r\n", "\r\n"}).complete());
}

}  // namespace
}  // namespace fovea
