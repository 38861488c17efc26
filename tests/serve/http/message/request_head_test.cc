#include "serve/http/message/request_head.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

RequestHead asking(std::string target) {
  RequestHead head;
  head.method = "GET";
  head.target = std::move(target);
  return head;
}

TEST(RequestHead, SplitsItsTarget) {
  for (const char* target : {"/a%20b?c=d", "http://host:1/a%20b?c=d"}) {
    RequestHead head = asking(target);
    ASSERT_TRUE(head.split_target()) << target;
    EXPECT_EQ(head.target, "/a%20b?c=d");
    EXPECT_EQ(head.path, "/a b");
    EXPECT_EQ(head.query, "c=d");
  }
  RequestHead bare = asking("http://host");
  ASSERT_TRUE(bare.split_target());
  EXPECT_EQ(bare.path, "/");
}

TEST(RequestHead, ATargetIsAPath) {
  for (const char* target : {"", "a", "*", "host:80", "/%", "/%4", "/%zz", "ftp://host/a"})
    EXPECT_FALSE(asking(target).split_target()) << target;
  RequestHead zero = asking("/a%00");
  ASSERT_TRUE(zero.split_target());
  EXPECT_EQ(zero.path, "/a%00") << "a name that nothing has";
  RequestHead all = asking("*");
  all.method = "OPTIONS";
  EXPECT_TRUE(all.split_target());
}

TEST(RequestHead, FindsParameters) {
  RequestHead head;
  head.query = "a=1&b=x%26y+z&c&&d=%zz&a=2&=e";
  EXPECT_EQ(head.parameter("a"), "1");
  EXPECT_EQ(head.parameter("b"), "x&y z");
  EXPECT_EQ(head.parameter("c"), "");
  EXPECT_EQ(head.parameter("d"), "%zz");
  EXPECT_EQ(head.parameter("missing"), "");
}

TEST(RequestHead, FindsFields) {
  RequestHead head;
  head.headers = {{"host", "x"}, {"accept", "*/*"}};
  EXPECT_EQ(head.header("accept"), "*/*");
  EXPECT_EQ(head.header("cookie"), "");
}

}  // namespace
}  // namespace fovea::serve
