#include "serve/http/connection/socket_output.h"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"
#include "serve/http/connection/socket_pair.h"

namespace fovea::serve {
namespace {

using Written = SocketOutput::Written;

TEST(SocketOutput, WritesPiecesInTheirOrder) {
  test::SocketPair pair;
  SocketOutput output(pair.server());
  output.push("one ");
  output.push("two");
  EXPECT_EQ(output.size(), 7U);
  EXPECT_EQ(output.write(), Written::all);
  EXPECT_TRUE(output.empty());
  EXPECT_EQ(output.size(), 0U);
  EXPECT_EQ(pair.received(), "one two");
}

TEST(SocketOutput, KeepsWhatTheSocketDoesNotTake) {
  test::SocketPair pair;
  SocketOutput output(pair.server());
  const std::string much(8 << 20, 'x');
  output.push(much);
  output.push("end");
  std::string all;
  while (output.write() == Written::some) {
    EXPECT_FALSE(output.empty());
    all += pair.received();
    EXPECT_EQ(output.size(), much.size() + 3 - all.size());
  }
  EXPECT_TRUE(all + pair.received() == much + "end");
}

TEST(SocketOutput, TellsThatItsClientIsGone) {
  test::SocketPair pair;
  pair.leave();
  SocketOutput output(pair.server());
  output.push("bytes");
  EXPECT_EQ(output.write(), Written::broken);
  output.clear();
  EXPECT_TRUE(output.empty());
}

TEST(SocketOutput, AClientMustRead) {
  test::SocketPair pair;
  SocketOutput output(pair.server());
  const double late_ms = Clock::steady().now_ms() + 2 * TransferPace::silence_ms_max;
  EXPECT_FALSE(output.too_slow(late_ms)) << "there is nothing to read";
  output.push("bytes");
  EXPECT_TRUE(output.too_slow(late_ms));
  EXPECT_FALSE(output.too_slow(late_ms - 2 * TransferPace::silence_ms_max));
}

TEST(TransferPace, ASilenceOrADribbleIsTooSlow) {
  const TransferPace silent{.since_ms = 0, .last_ms = 1'000};
  EXPECT_FALSE(silent.too_slow(31'000, 1 << 30));
  EXPECT_TRUE(silent.too_slow(31'001, 1 << 30));
  const TransferPace dribbling{.since_ms = 0, .last_ms = 40'000};
  EXPECT_TRUE(dribbling.too_slow(40'000, 100'000)) << "16 bytes a millisecond behind the first half minute";
  EXPECT_FALSE(dribbling.too_slow(40'000, 160'000));
}

}  // namespace
}  // namespace fovea::serve
