#include "serve/asking/streamed_reply.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "serve/fake_exchange.h"

namespace fovea::serve {
namespace {

using test::FakeExchange;

// Writes what it is called for.
class PlainForm final : public ReplyForm {
 public:
  std::string whole(std::span<const FinishedAnswer>) override { return "whole"; }
  std::string first_events(const RequestReport&) override { return "first "; }
  std::string piece_event(const AnswerPiece& piece) override { return std::get<ContentPiece>(piece).text + " "; }
  std::string choice_end(const FinishedAnswer&) override { return "end "; }
  std::string last_events(std::span<const FinishedAnswer>) override { return "last"; }
  std::string error_event(const Refusal& refusal) const override { return refusal.message; }
};

const std::array answers = {FinishedAnswer{}};

class StreamedReplyTest : public testing::Test {
 protected:
  // A reply of one choice with one piece.
  void whole_reply(StreamedReply& reply, const RequestReport& so_far) {
    reply.start(so_far);
    reply.pieces({ContentPiece{"piece"}});
    reply.choice_end(answers[0]);
    reply.finish(answers);
  }

  FakeExchange exchange_{"/"};
  PlainForm form_;
};

TEST_F(StreamedReplyTest, SendsEventsAsTheyCome) {
  StreamedReply reply(exchange_, form_, 1, false);
  reply.start({.response = Outcome::miss});
  EXPECT_EQ(exchange_.streamed, "first ");
  reply.pieces({ContentPiece{"a"}, ContentPiece{"b"}});
  EXPECT_EQ(exchange_.streamed, "first a b ");
  reply.choice_end(answers[0]);
  reply.finish(answers);
  EXPECT_EQ(exchange_.streamed, "first a b end last");
  EXPECT_TRUE(exchange_.stream_ended);
  EXPECT_EQ(exchange_.reply_header("Cache-Control"), "no-store");
}

TEST_F(StreamedReplyTest, AStoredAnswerIsOnePiece) {
  StreamedReply reply(exchange_, form_, 1, false);
  whole_reply(reply, {.response = Outcome::hit});
  EXPECT_EQ(exchange_.streamed, "");
  EXPECT_EQ(exchange_.replied->body, "first piece end last");
  EXPECT_EQ(exchange_.replied->content_type, "text/event-stream");
}

TEST_F(StreamedReplyTest, AStoredAnswerWithMoreBehindItIsSentAtOnce) {
  StreamedReply reply(exchange_, form_, 1, true);
  whole_reply(reply, {.response = Outcome::hit});
  EXPECT_EQ(exchange_.streamed, "first piece end last");
}

TEST_F(StreamedReplyTest, BeginsOnce) {
  StreamedReply reply(exchange_, form_, 1, true);
  reply.start({});
  reply.start({});
  EXPECT_EQ(exchange_.streamed, "first ");
}

TEST_F(StreamedReplyTest, ABrokenOneEndsWithTheReason) {
  StreamedReply reply(exchange_, form_, 1, false);
  EXPECT_FALSE(reply.broke({.message = "why"})) << "nothing was sent yet";
  reply.start({.response = Outcome::miss});
  EXPECT_TRUE(reply.broke({.message = "why"}));
  EXPECT_EQ(exchange_.streamed, "first why");
  EXPECT_TRUE(exchange_.stream_ended);
}

}  // namespace
}  // namespace fovea::serve
