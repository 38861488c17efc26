#include "serve/http/http_exchange.h"

#include <gtest/gtest.h>

#include "serve/http/recording_client.h"

namespace fovea::serve {
namespace {

using test::RecordingClient;

class HttpExchangeTest : public testing::Test {
 protected:
  HttpExchange exchange(RequestHead head, std::string_view body) {
    BodyBytes bytes(memory_);
    EXPECT_TRUE(bytes.append(body, 1 << 20));
    return HttpExchange({std::move(head), std::move(bytes), ContentCoding::identity, gone_}, client_, open_);
  }

  BodyMemory memory_{1 << 20};
  OpenRequests open_;
  std::stop_source gone_;
  std::shared_ptr<RecordingClient> client_ = std::make_shared<RecordingClient>();
};

TEST_F(HttpExchangeTest, ShowsTheRequest) {
  RequestHead head;
  head.method = "POST";
  head.target = "/v1/files?a=b";
  head.headers = {{"content-type", "multipart/form-data; boundary=b"}};
  ASSERT_TRUE(head.split_target());
  const auto asked = exchange(head, "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n--b--");
  EXPECT_EQ(asked.method(), "POST");
  EXPECT_EQ(asked.path(), "/v1/files");
  EXPECT_EQ(asked.target(), "/v1/files?a=b");
  EXPECT_EQ(asked.query("a"), "b");
  EXPECT_EQ(asked.all_headers().size(), 1U);
  ASSERT_EQ(asked.form().size(), 1U);
  EXPECT_EQ(asked.form()[0].bytes, "y");
}

TEST_F(HttpExchangeTest, IsOpenWhileItLives) {
  {
    const auto asked = exchange({}, "");
    EXPECT_FALSE(open_.empty());
    open_.stop_all();
    EXPECT_TRUE(asked.client_gone().stop_requested());
  }
  EXPECT_TRUE(open_.empty());
}

TEST_F(HttpExchangeTest, RepliesOnceToItsClient) {
  auto asked = exchange({}, "");
  EXPECT_FALSE(asked.replied());
  asked.reply({.status = 201});
  EXPECT_TRUE(asked.replied());
  EXPECT_EQ(client_->replied.value().status, 201);
}

TEST_F(HttpExchangeTest, AStreamEndsWithItsHandle) {
  auto asked = exchange({}, "");
  {
    const auto stream = asked.begin_stream({.content_type = "text/event-stream"});
    EXPECT_TRUE(stream->send("a"));
    client_->has_left = true;
    EXPECT_FALSE(stream->send("b"));
    EXPECT_FALSE(client_->ended);
  }
  EXPECT_EQ(client_->begun.value().content_type, "text/event-stream");
  EXPECT_EQ(client_->sent, "ab");
  EXPECT_TRUE(client_->ended);
  EXPECT_FALSE(client_->aborted);
}

TEST_F(HttpExchangeTest, AStreamThatIsBrokenOffDoesNotEnd) {
  auto asked = exchange({}, "");
  {
    const auto stream = asked.begin_stream({});
    EXPECT_TRUE(stream->wait_for_room());
    stream->abort();
    gone_.request_stop();
    EXPECT_FALSE(stream->wait_for_room()) << "stopped";
  }
  EXPECT_TRUE(client_->aborted);
  EXPECT_FALSE(client_->ended);
}

}  // namespace
}  // namespace fovea::serve
