#include "serve/http/connection/reply_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "serve/http/connection/socket_pair.h"

namespace fovea::serve {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ReplyWriterTest : public testing::Test {
 protected:
  static RequestHead asking(const std::string& method, bool http_1_1 = true) {
    RequestHead head;
    head.method = method;
    head.http_1_1 = head.keep_alive = http_1_1;
    return head;
  }
  // What the client gets of what was written.
  std::string sent() {
    EXPECT_EQ(writer_.output().write(), SocketOutput::Written::all);
    return pair_.received();
  }
  std::string stream() {
    writer_.head({.content_type = "text/plain"});
    writer_.piece("ab");
    writer_.end();
    return sent();
  }

  test::SocketPair pair_;
  ReplyWriter writer_{pair_.server()};
};

TEST_F(ReplyWriterTest, AWholeReplyHasTheServersFields) {
  writer_.begin(asking("GET"), {{"Vary", "Origin"}});
  writer_.whole({.body = "{}"});
  const std::string first = sent();
  EXPECT_THAT(first, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(first, HasSubstr("\r\nVary: Origin\r\n"));
  EXPECT_THAT(first, EndsWith("\r\n\r\n{}"));
  EXPECT_TRUE(writer_.keeps_alive());
  writer_.drop_request();
  writer_.whole({.body = "{}"});
  EXPECT_THAT(sent(), Not(HasSubstr("Vary")));
}

TEST_F(ReplyWriterTest, TheIdThatAReplyTellsCountsBeforeTheServers) {
  writer_.begin(asking("GET"), {{"Vary", "Origin"}, {"X-Request-Id", "own"}});
  writer_.whole({.headers = {{"vary", "Accept"}, {"x-request-id", "its"}}, .body = "{}"});
  const std::string reply = sent();
  EXPECT_THAT(reply, HasSubstr("x-request-id: its"));
  EXPECT_THAT(reply, Not(HasSubstr("own")));
  EXPECT_THAT(reply, HasSubstr("Vary: Origin"));
}

TEST_F(ReplyWriterTest, AStreamEndsAsItsClientUnderstands) {
  writer_.begin(asking("GET"), {});
  EXPECT_THAT(stream(), EndsWith("\r\n\r\n2\r\nab\r\n0\r\n\r\n"));
  EXPECT_TRUE(writer_.keeps_alive());
  writer_.begin(asking("GET", false), {});
  EXPECT_THAT(stream(), EndsWith("\r\n\r\nab"));
  EXPECT_FALSE(writer_.keeps_alive()) << "the end of the connection is the end of the body";
}

TEST_F(ReplyWriterTest, AHeadHasNoBody) {
  writer_.begin(asking("HEAD"), {});
  EXPECT_THAT(stream(), EndsWith("\r\n\r\n"));
  writer_.begin(asking("HEAD"), {});
  writer_.whole({.body = "12345"});
  const std::string head = sent();
  EXPECT_THAT(head, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  writer_.drop_request();
  writer_.whole({.status = 400, .body = "12345"});
  EXPECT_THAT(sent(), EndsWith("12345")) << "the refusal of a head that was not read is no reply to HEAD";
}

TEST_F(ReplyWriterTest, TheLastReplySaysSo) {
  writer_.begin(asking("GET"), {});
  writer_.close_behind();
  writer_.whole({.body = std::string(100'000, 'x')});
  EXPECT_THAT(sent(), HasSubstr("Connection: close\r\n"));
  EXPECT_FALSE(writer_.keeps_alive());
}

}  // namespace
}  // namespace fovea::serve
