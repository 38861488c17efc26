// A real Cluster: keys on all nodes, slots that move while they are used, a primary that dies.
#include "tier/valkey/valkey_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <format>
#include <thread>

#include "store/purge_log.h"
#include "tier/valkey/client.h"
#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {
namespace {

using test::entry_named;
using test::eventually;
using test::find_one;
using test::insert_into;
using test::key_named;
using test::ValkeyCluster;
using namespace std::chrono_literals;

constexpr RecordKind embedding = RecordKind::embedding;
constexpr int entries = 200;

class ValkeyClusterTest : public testing::Test {
 protected:
  // One for all tests, since it takes seconds to become well. The last test kills a part of it.
  static void SetUpTestSuite() { cluster = std::make_unique<ValkeyCluster>(true); }
  static void TearDownTestSuite() { cluster.reset(); }

  static std::unique_ptr<ValkeyTier> open(ValkeyOptions options = {}) {
    options.address = cluster->address();
    return ValkeyTier::open(options).value();
  }
  static std::vector<Key> keys() {
    std::vector<Key> all;
    for (int i = 0; i < entries; ++i) all.push_back(key_named(std::to_string(i)));
    return all;
  }
  static void insert_all(Tier& tier) {
    for (int i = 0; i < entries; ++i)
      insert_into(tier, entry_named(std::to_string(i), static_cast<std::size_t>(i) * 50));
  }
  // How many of the entries are found, and are what was stored.
  static int hits(Tier& tier) {
    const auto found = tier.find_many(embedding, keys(), {.deadline = std::chrono::steady_clock::now() + 500ms});
    if (!found) return 0;
    int count = 0;
    for (int i = 0; i < entries; ++i) {
      const auto& hit = (*found)[static_cast<std::size_t>(i)];
      if (!hit) continue;
      EXPECT_EQ(hit->entry.key, key_named(std::to_string(i)));
      EXPECT_EQ(hit->record.payload.size(), static_cast<std::size_t>(i) * 50);
      ++count;
    }
    return count;
  }

  static std::unique_ptr<ValkeyCluster> cluster;
};
std::unique_ptr<ValkeyCluster> ValkeyClusterTest::cluster;

TEST_F(ValkeyClusterTest, SpreadsKeysOverAllNodes) {
  const auto tier = open();
  insert_all(*tier);
  EXPECT_EQ(hits(*tier), entries);
  for (std::size_t i = 0; i < ValkeyCluster::primaries; ++i)
    EXPECT_GT(std::stoi(cluster->node(i).ask({"DBSIZE"})), entries / 6) << i;
  EXPECT_LE(tier->client().refreshes(), 2U);
  EXPECT_EQ(tier->find_last(embedding, keys(), {}).value()->index, static_cast<std::size_t>(entries - 1));
}

TEST_F(ValkeyClusterTest, IsFoundFromOneOfItsNodes) {
  const auto tier = ValkeyTier::open({.address = cluster->node(1).address()}).value();
  insert_all(*tier);
  EXPECT_EQ(hits(*tier), entries);
}

TEST_F(ValkeyClusterTest, PurgesOnAllNodes) {
  const auto tier = open(), other_process = open();
  insert_all(*tier);
  ASSERT_EQ(hits(*other_process), entries);
  ASSERT_TRUE(other_process->purge(key_named("tenant"), key_named("image")));
  EXPECT_EQ(hits(*tier), 0);
  insert_all(*tier);
  EXPECT_EQ(hits(*other_process), entries);
}

// By who knows one node and has asked it nothing yet. Others learn of it.
TEST_F(ValkeyClusterTest, PurgesEverythingOnAllNodes) {
  const auto tier = open();
  insert_all(*tier);
  const auto begin = tier->purge_log()->after("", {});
  ASSERT_TRUE(begin) << begin.error().message;
  const PurgeLabel everything = PurgeLabel::of_everything();
  const auto purged =
      ValkeyTier::open({.address = cluster->node(1).address()}).value()->purge_labels(std::span(&everything, 1));
  ASSERT_TRUE(purged) << purged.error().message;
  EXPECT_EQ(hits(*tier), 0);
  const auto news = tier->purge_log()->after(begin->position, {});
  ASSERT_TRUE(news) << news.error().message;
  EXPECT_THAT(news->labels, testing::ElementsAre(everything));
  insert_all(*tier);
  EXPECT_EQ(hits(*tier), entries);
}

TEST_F(ValkeyClusterTest, FollowsSlotsThatMoveUnderLoad) {
  const auto tier = open();
  insert_all(*tier);
  std::atomic<bool> done = false;
  std::atomic<int> missed = 0, rounds = 0;
  std::jthread reader([&] {
    while (!done) {
      missed += entries - hits(*tier);
      ++rounds;
    }
  });
  const bool moved = cluster->reshard(0, 1, 500);
  done = true;
  reader.join();
  ASSERT_TRUE(moved) << "valkey-cli could not reshard";
  EXPECT_EQ(missed, 0) << "in " << rounds << " rounds";
  EXPECT_EQ(hits(*tier), entries);
  insert_all(*tier);
  EXPECT_EQ(hits(*open()), entries);
}

TEST_F(ValkeyClusterTest, SurvivesAPrimarysDeath) {
  const auto tier = open();
  insert_all(*tier);
  ASSERT_TRUE(tier->purge(key_named("another tenant")));  // every replica has what was written before
  ASSERT_EQ(hits(*tier), entries);
  cluster->node(2).kill();
  int fewest = entries;
  ASSERT_TRUE(eventually(
      [&] {
        const int now = hits(*tier);
        fewest = std::min(fewest, now);
        return fewest < entries && now > entries / 2 && tier->insert(embedding, entry_named("198")).has_value();
      },
      30s));
  ASSERT_TRUE(eventually(
      [&] {
        for (int i = 0; i < entries; ++i) {
          if (!tier->insert(embedding, entry_named(std::to_string(i), static_cast<std::size_t>(i) * 50))) return false;
        }
        return hits(*tier) == entries;
      },
      30s));
}

}  // namespace
}  // namespace fovea
