#include "cluster/shared/shared_client.h"

#include <gtest/gtest.h>

#include <vector>

#include "cluster/manual_world.h"

namespace fovea {
namespace {

using What = TierAnswer::What;

// Nodes 0 and 1, and a shard at place 2: commands take 1 + 2 ms there, 0.5 ms in the server, and 3 ms back.
class SharedClientTest : public testing::Test {
 protected:
  SharedClientTest() { shared.shards.emplace_back(2, 1'000'000); }

  Task<void> find_it(StoredEntry entry, double limit_ms, TierAnswer& answer) {
    answer = co_await client.find(entry, limit_ms);
    took_ms = world.now_ms() - begun_ms;
  }
  TierAnswer find(std::uint64_t key, double limit_ms = 10'000, RecordKind kind = RecordKind::embedding) {
    TierAnswer answer;
    begun_ms = world.now_ms();
    spawn(find_it({.kind = kind, .key = key}, limit_ms, answer));
    world.run();
    return answer;
  }
  Task<void> insert_it(StoredEntry entry, bool& inserted) {
    inserted = co_await client.insert(entry);
    took_ms = world.now_ms() - begun_ms;
  }
  bool insert(std::uint64_t key, std::uint64_t bytes = 100'000) {
    bool inserted = false;
    begun_ms = world.now_ms();
    spawn(insert_it({.key = key, .cost_ms = 9, .bytes = bytes}, inserted));
    world.run();
    return inserted;
  }
  static Task<void> lease_it(SharedClient& of, std::uint64_t key, SimulatedTier::Lease& lease) {
    lease = co_await of.acquire_lease(key, 500);
  }
  SimulatedTier::Lease lease(SharedClient& of, std::uint64_t key) {
    SimulatedTier::Lease lease{};
    spawn(lease_it(of, key, lease));
    world.run();
    return lease;
  }

  std::vector<FleetLink> links = {{1000, 1}, {1000, 1}, {10'000, 2}};
  test::ManualWorld world{links};
  Network network{world, world, links};
  SharedFleet shared{.shards = {}, .wait_ms = 0.5};
  double begun_ms = 0, took_ms = 0;  // of the last call
  SharedClient client{world, network, shared, 0}, other{world, network, shared, 1};
};

TEST_F(SharedClientTest, AMissTakesACommandThereAndBack) {
  EXPECT_EQ(find(1).what, What::missing);
  EXPECT_DOUBLE_EQ(took_ms, 6.5);
  EXPECT_EQ(find(1, 10'000, RecordKind::prefix).what, What::missing);
  EXPECT_DOUBLE_EQ(took_ms, 6.5);
}

// As ValkeyTier: which prefixes there are, the value, and whether it was purged.
TEST_F(SharedClientTest, EachCommandIsARoundTrip) {
  insert(1);
  EXPECT_EQ(find(1, 10'000, RecordKind::prefix).what, What::found);
  EXPECT_NEAR(took_ms, 3 * 6.5 + 100, 1e-9);
  EXPECT_EQ(find(1, 110, RecordKind::response).what, What::fault) << "the last command does not come back in time";
}

TEST_F(SharedClientTest, AValueGoesOverBothLinks) {
  EXPECT_TRUE(insert(1));
  EXPECT_DOUBLE_EQ(took_ms, 2 * 6.5 + 100);  // the generations first
  const TierAnswer found = find(1);
  EXPECT_EQ(found.what, What::found);
  EXPECT_EQ(found.cost_ms, 9);
  EXPECT_NEAR(took_ms, 2 * 6.5 + 100, 1e-9);  // and here behind it
  EXPECT_EQ(shared.traffic.written_bytes, 100'000);
  EXPECT_EQ(shared.traffic.fetched_bytes, 100'000);
  EXPECT_EQ(network.passed(2).in, 100'000);
  EXPECT_EQ(network.passed(0).in, 100'000);
}

TEST_F(SharedClientTest, WhatIsLateIsAFaultAndItsBytesAreCounted) {
  insert(1);
  EXPECT_EQ(find(1, 56.5).what, What::fault);
  EXPECT_DOUBLE_EQ(shared.traffic.cancelled_bytes, 50'000);
  EXPECT_EQ(shared.traffic.fetched, 0U);
  EXPECT_EQ(find(1, 5).what, What::fault);  // not even a command comes back
}

TEST_F(SharedClientTest, ACutLinkTakesAllOfTheLimit) {
  network.cut(2);
  EXPECT_EQ(find(1, 40).what, What::fault);
  EXPECT_DOUBLE_EQ(took_ms, 40);
  EXPECT_FALSE(insert(1));
  EXPECT_EQ(lease(client, 1), SimulatedTier::Lease::fault);
}

TEST_F(SharedClientTest, ALostShardRefusesAtOnce) {
  shared.shards[0].lose();
  EXPECT_EQ(find(1).what, What::fault);
  EXPECT_DOUBLE_EQ(took_ms, 6);
  EXPECT_FALSE(insert(1));
  EXPECT_EQ(lease(client, 1), SimulatedTier::Lease::fault);
}

TEST_F(SharedClientTest, OneNodeHasALease) {
  EXPECT_EQ(lease(client, 1), SimulatedTier::Lease::acquired);
  EXPECT_EQ(lease(other, 1), SimulatedTier::Lease::held);
  client.release_lease(1);
  world.run();
  EXPECT_EQ(lease(other, 1), SimulatedTier::Lease::acquired);
}

}  // namespace
}  // namespace fovea
