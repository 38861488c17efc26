#include "serve/http/connection/reply_mailbox.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace fovea::serve {
namespace {

auto leave(std::string text) {
  return [text = std::move(text)](ReplyMailbox::Mail& mail) { mail.pieces += text; };
}

TEST(ReplyMailbox, TheLoopIsToldOnce) {
  ReplyMailbox mailbox;
  EXPECT_TRUE(mailbox.put(leave("a")));
  EXPECT_FALSE(mailbox.put(leave("b")));
  EXPECT_EQ(mailbox.take().pieces, "ab");
  EXPECT_EQ(mailbox.take().pieces, "");
  EXPECT_TRUE(mailbox.put(leave("c")));
}

TEST(ReplyMailbox, WhoeverMayWaitGoesOnWithRoomOrWithoutClient) {
  const std::string much(2 << 20, 'x');
  for (const bool leaves : {false, true}) {
    ReplyMailbox mailbox;
    EXPECT_TRUE(mailbox.wait_for_room({})) << "there is room at first";
    mailbox.put(leave(much));
    EXPECT_EQ(mailbox.take().pieces.size(), much.size());
    bool went_on = false;
    {
      const std::jthread waits([&](const std::stop_token&) { went_on = mailbox.wait_for_room({}); });
      mailbox.set_unsent(much.size() - 1);
      leaves ? mailbox.client_left() : mailbox.set_unsent(0);
    }
    EXPECT_EQ(went_on, !leaves);
    EXPECT_EQ(mailbox.client_gone(), leaves);
  }
}

TEST(ReplyMailbox, AStopEndsTheWait) {
  ReplyMailbox mailbox;
  mailbox.put(leave(std::string(2 << 20, 'x')));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(mailbox.wait_for_room(stop.get_token()));
}

}  // namespace
}  // namespace fovea::serve
