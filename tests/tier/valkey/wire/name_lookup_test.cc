#include "tier/valkey/wire/name_lookup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace fovea::valkey {
namespace {

using namespace std::chrono_literals;

Until within(std::chrono::milliseconds time) { return Until::of({}, time); }

TEST(NameLookupTest, KnowsNumericAddressesWithoutAsking) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    NameLookup lookup({host, 7000}, [](const Endpoint&) -> Result<std::vector<SocketAddress>> {
      ADD_FAILURE() << "it was asked";
      return fail(Fault::internal, "");
    });
    const auto found = lookup.addresses(within(0ms));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->size(), 1U);
    lookup.expire();
    EXPECT_TRUE(lookup.addresses(within(0ms)));
  }
}

TEST(NameLookupTest, AsksTheSystem) {
  NameLookup lookup({"localhost", 7000});
  const auto found = lookup.addresses(within(10s));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_GE(found->size(), 1U);
}

TEST(NameLookupTest, SaysThatThereIsNoSuchHost) {
  const auto found = resolve_with_system({"no-such-host.invalid", 7000});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().fault, Fault::unavailable);
}

TEST(NameLookupTest, KeepsWhatItFoundUntilItIsOfNoUse) {
  std::atomic<int> asked = 0;
  NameLookup lookup({"host", 7000}, [&](const Endpoint&) -> Result<std::vector<SocketAddress>> {
    if (++asked == 1) return fail(Fault::unavailable, "not yet");
    return std::vector<SocketAddress>(2);
  });
  EXPECT_EQ(lookup.addresses(within(10s)).error().message, "not yet");
  EXPECT_EQ(lookup.addresses(within(10s))->size(), 2U);
  EXPECT_EQ(lookup.addresses(within(10s))->size(), 2U);
  EXPECT_EQ(asked, 2);
  lookup.expire();
  EXPECT_TRUE(lookup.addresses(within(10s)));
  EXPECT_EQ(asked, 3);
}

TEST(NameLookupTest, LetsItsCallersGoAndOutlivesThem) {
  std::promise<void> let_go;
  const std::shared_future<void> gate = let_go.get_future().share();
  const auto asked = std::make_shared<std::atomic<int>>(0);
  auto lookup =
      std::make_unique<NameLookup>(Endpoint{"host", 7000}, [=](const Endpoint&) -> Result<std::vector<SocketAddress>> {
        ++*asked;
        gate.wait();
        return std::vector<SocketAddress>(1);
      });
  EXPECT_EQ(lookup->addresses(within(20ms)).error().fault, Fault::timed_out);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(lookup->addresses({stop.get_token(), std::chrono::steady_clock::now() + 1h}).error().fault,
            Fault::cancelled);
  EXPECT_EQ(*asked, 1) << "one at a time";
  lookup.reset();
  let_go.set_value();
}

}  // namespace
}  // namespace fovea::valkey
