#include "tier/valkey/lease.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using test::key_named;
using namespace std::chrono_literals;

class LeaseTest : public testing::Test {
 protected:
  test::ValkeyServer server;
  Client ours{{{"127.0.0.1", server.port()}}, Dial{.value_bytes_max = 1000}};
  Client theirs{{{"127.0.0.1", server.port()}}, Dial{.value_bytes_max = 1000}};
  LeaseHolder us{ours}, them{theirs};
};

TEST_F(LeaseTest, IsOneHoldersUntilItIsReleased) {
  const Key picture = key_named("picture");
  EXPECT_TRUE(us.acquire_lease(picture, 1h).value());
  EXPECT_FALSE(them.acquire_lease(picture, 1h).value());
  EXPECT_FALSE(us.acquire_lease(picture, 1h).value());
  EXPECT_TRUE(them.acquire_lease(key_named("another picture"), 1h).value());
  EXPECT_FALSE(them.release_lease(picture).value()) << "it is not theirs";
  EXPECT_FALSE(them.acquire_lease(picture, 1h).value());
  EXPECT_TRUE(us.release_lease(picture).value());
  EXPECT_FALSE(us.release_lease(picture).value());
  EXPECT_TRUE(them.acquire_lease(picture, 1h).value());
}

TEST_F(LeaseTest, EndsByItselfAndIsThenNotReleasedFromUnderAnother) {
  const Key picture = key_named("picture");
  EXPECT_TRUE(us.acquire_lease(picture, 20ms).value());
  EXPECT_TRUE(test::eventually([&] { return them.acquire_lease(picture, 1h).value(); }));
  EXPECT_FALSE(us.release_lease(picture).value());
  EXPECT_FALSE(us.acquire_lease(picture, 1h).value()) << "theirs is still there";
}

TEST_F(LeaseTest, HasOneWinnerOfMany) {
  std::atomic<int> winners = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back(
          [&, i] { winners += (i % 2 == 0 ? us : them).acquire_lease(key_named("picture"), 1h).value_or(false); });
  }
  EXPECT_EQ(winners, 1);
}

TEST_F(LeaseTest, CannotBeHadWithoutAServer) {
  server.kill();
  EXPECT_EQ(us.acquire_lease(key_named("picture"), 1h).error().fault, Fault::unavailable);
  EXPECT_FALSE(us.release_lease(key_named("picture")).value()) << "nothing is held";
}

}  // namespace
}  // namespace fovea::valkey
