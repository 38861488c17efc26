#include "serve/http/run_handler.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "serve/http/recording_client.h"
#include "serve/wire/json_reader.h"

namespace fovea::serve {
namespace {

class RunHandler : public testing::Test {
 protected:
  // What is replied to a request with this body by this handler.
  Reply replied(std::string_view body, const std::function<void(Exchange&)>& handler,
                ContentCoding coding = ContentCoding::identity) {
    BodyBytes bytes(memory_);
    EXPECT_TRUE(bytes.append(body, 1 << 20));
    RequestHead head;
    head.path = "/v1/chat/completions";
    head.headers = {{"content-encoding", "zstd"}};
    const auto client = std::make_shared<test::RecordingClient>();
    HttpExchange exchange({std::move(head), std::move(bytes), coding, std::stop_source()}, client, open_);
    run_handler({"POST", "/v1/chat/completions", handler}, exchange, memory_, 1000,
                [this](int status) { refused_ = status; });
    return client->replied.value();
  }

  BodyMemory memory_{1 << 20};
  int refused_ = 0;  // what was told of it
  OpenRequests open_;
};

TEST_F(RunHandler, WhatAHandlerThrowsIsItsReply) {
  const Reply reply = replied("", [](Exchange&) { throw std::runtime_error("it broke"); });
  EXPECT_EQ(reply.status, 500);
  EXPECT_TRUE(reply.body.contains("it broke"));
  EXPECT_EQ(refused_, 500);
}

TEST_F(RunHandler, AHandlerThatDoesNotReplyIsAFault) {
  EXPECT_EQ(replied("", [](Exchange&) {}).status, 500);
}

TEST_F(RunHandler, AHandlerSeesTheBodyWithoutItsCoding) {
  const std::string text = R"({"a": "b"})";
  std::string coded(ZSTD_compressBound(text.size()), '\0');
  coded.resize(ZSTD_compress(coded.data(), coded.size(), text.data(), text.size(), 3));
  const auto echo = [](Exchange& exchange) {
    const auto json = parse_json(exchange.body());
    exchange.reply({.headers = exchange.all_headers(), .body = std::string(json->text("a")->value())});
  };
  const Reply reply = replied(coded, echo, ContentCoding::zstd);
  EXPECT_EQ(reply.body, "b");
  EXPECT_TRUE(reply.headers.empty()) << "there is no coding any more";
  EXPECT_EQ(refused_, 0) << "what a handler replies is its own business";
  EXPECT_EQ(replied(text, echo, ContentCoding::zstd).status, 400);
  EXPECT_EQ(refused_, 400);
}

}  // namespace
}  // namespace fovea::serve
