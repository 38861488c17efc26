#include "app/cache/entry_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "app/cache/cache_summary.h"
#include "base/scratch_folder.h"
#include "tier/entries.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace fovea::app {
namespace {

using test::entry_of;
using test::key_of;
using enum RecordKind;

class EntryWalkTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = RocksdbTier::open({.folder = folder->path(), .bytes_max = std::uint64_t{256} << 20});
    ASSERT_TRUE(opened) << opened.error().message;
    tier = std::move(*opened);
  }

  void fill(int entries) {
    for (int i = 0; i < entries; ++i) {
      const RecordKind kind = i % 3 == 0 ? prefix : embedding;
      ASSERT_TRUE(tier->insert(kind, entry_of(std::to_string(i), 1, 1000, kind)));
    }
  }

  std::vector<NamedKey> list(std::span<const RecordKind> kinds, std::size_t keys_max = walked_keys_max) {
    auto keys = list_some_keys(*tier, kinds, {}, keys_max);
    EXPECT_TRUE(keys) << keys.error().message;
    return keys ? std::move(*keys) : std::vector<NamedKey>();
  }

  WalkCounts walk(std::span<const NamedKey> keys) {
    auto counts = walk_entries(*tier, keys, {}, {}, [&](RecordKind, const TierHit& hit) {
      shown.insert(hit.entry.key);
      return true;
    });
    EXPECT_TRUE(counts) << counts.error().message;
    return counts ? *counts : WalkCounts();
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
  std::unique_ptr<Tier> tier;
  std::set<Key> shown;
};

TEST_F(EntryWalkTest, EveryEntryIsShownOnce) {
  fill(2500);
  const auto keys = list(all_record_kinds);
  EXPECT_EQ(keys.size(), 2500u);
  const WalkCounts counts = walk(keys);
  EXPECT_EQ(counts.sound, 2500u);
  EXPECT_EQ(counts.seen(), 2500u);
  EXPECT_EQ(counts.damaged(), 0u);
  EXPECT_EQ(shown.size(), 2500u);
}

TEST_F(EntryWalkTest, OfOneKindAndAtMostSoMany) {
  fill(30);
  EXPECT_EQ(list(std::array{prefix}).size(), 10u);
  EXPECT_EQ(list(std::array{tiling}).size(), 0u);
  EXPECT_EQ(list(all_record_kinds, 7).size(), 7u);
}

// A list that was cut without a word would be taken for the whole cache.
TEST_F(EntryWalkTest, MoreThanAListHoldsIsAFault) {
  fill(30);
  EXPECT_EQ(list_keys(*tier, all_record_kinds, {}, 30)->size(), 30u);
  const auto more = list_keys(*tier, all_record_kinds, {}, 29);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().fault, Fault::too_large);
}

TEST_F(EntryWalkTest, WhatIsNotBelievedIsCountedByItsReason) {
  fill(30);
  auto keys = list(all_record_kinds);
  keys.push_back({embedding, key_of("never stored")});
  ASSERT_TRUE(tier->purge(key_of("tenant")));
  const WalkCounts counts = walk(keys);
  EXPECT_EQ(counts.sound, 0u);
  EXPECT_EQ(counts.doubtful[static_cast<std::size_t>(RecordFault::purged)], 30u);
  EXPECT_EQ(counts.damaged(), 0u) << "what was purged is not damage";
  EXPECT_EQ(counts.gone, 1u);
}

TEST_F(EntryWalkTest, EndsWhereItIsToldTo) {
  fill(100);
  const auto keys = list(all_record_kinds);
  int seen = 0;
  const auto counts = walk_entries(*tier, keys, {}, {}, [&](RecordKind, const TierHit&) { return ++seen < 10; });
  ASSERT_TRUE(counts);
  EXPECT_EQ(seen, 10);
  std::stop_source stopped;
  stopped.request_stop();
  const auto none = walk_entries(*tier, keys, stopped.get_token(), {}, [](RecordKind, const TierHit&) { return true; });
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::cancelled);
}

TEST_F(EntryWalkTest, ProgressEndsAtOne) {
  fill(20);
  double last = 0;
  const auto progress = [&](double fraction) {
    EXPECT_GE(fraction, last);
    last = fraction;
  };
  ASSERT_TRUE(
      walk_entries(*tier, list(all_record_kinds), {}, progress, [](RecordKind, const TierHit&) { return true; }));
  EXPECT_EQ(last, 1);
}

}  // namespace
}  // namespace fovea::app
