#include "tier/rocksdb/disk_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tier/entries.h"

namespace fovea {
namespace {

using test::key_of;
using enum RecordKind;

DiskName name_of(int number, RecordKind kind = embedding) { return {kind, key_of(std::to_string(number))}; }

bool put(DiskIndex& index, const DiskName& name, const DiskFacts& facts) {
  const bool stored = index.insert(name, facts).stored;
  if (stored) index.settle(name);
  return stored;
}

TEST(DiskIndexTest, AValueIsFoundOnceItIsWritten) {
  DiskIndex index(1'000'000);
  EXPECT_TRUE(index.insert(name_of(1), {.place = 7, .bytes = 5000, .cost_ms = 3, .importance = 0.25F}).stored);
  EXPECT_FALSE(index.find(name_of(1)));
  index.settle(name_of(1));
  const auto facts = index.find(name_of(1));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->place, 7u);
  EXPECT_EQ(facts->bytes, 5000u);
  EXPECT_EQ(facts->cost_ms, 3);
  EXPECT_EQ(facts->importance, 0.25F);
  EXPECT_FALSE(index.find(name_of(1, prefix)));
  EXPECT_FALSE(index.find(name_of(2)));
}

TEST(DiskIndexTest, OneThatIsLargerThanAllIsDeclinedAndCostsNothing) {
  DiskIndex index(100'000);
  EXPECT_TRUE(put(index, name_of(1), {.place = 0, .bytes = 90'000, .cost_ms = 1}));
  const auto taken = index.insert(name_of(2), {.place = 90'000, .bytes = 100'001, .cost_ms = 1e9});
  EXPECT_FALSE(taken.stored);
  EXPECT_TRUE(taken.evicted.empty());
  EXPECT_TRUE(index.find(name_of(1)));
}

TEST(DiskIndexTest, WhatIsEvictedIsTold) {
  DiskIndex index(100'000);
  EXPECT_TRUE(put(index, name_of(1), {.place = 0, .bytes = 60'000, .cost_ms = 1}));
  const auto taken = index.insert(name_of(2), {.place = 60'000, .bytes = 60'000, .cost_ms = 1000});
  EXPECT_TRUE(taken.stored);
  ASSERT_EQ(taken.evicted.size(), 1u);
  EXPECT_EQ(taken.evicted[0], name_of(1));
  EXPECT_FALSE(index.find(name_of(1)));
}

TEST(DiskIndexTest, TheOldestIsTheOneOfTheLeastPlace) {
  DiskIndex index(1'000'000);
  for (const int place : {300, 100, 200})
    put(index, name_of(place), {.place = static_cast<std::uint64_t>(place), .bytes = 50, .cost_ms = 1});
  EXPECT_FALSE(index.oldest_before(100));
  EXPECT_EQ(index.oldest_before(101), name_of(100));
  index.move(name_of(100), 400);
  EXPECT_EQ(index.oldest_before(500), name_of(200));
  EXPECT_TRUE(index.erase(name_of(200)));
  EXPECT_EQ(index.oldest_before(500), name_of(300));
  EXPECT_FALSE(index.erase(name_of(300), 299)) << "it lies elsewhere by now";
  EXPECT_TRUE(index.erase(name_of(300), 300));
  EXPECT_FALSE(index.erase(name_of(300)));
}

TEST(DiskIndexTest, SmallValuesAreChargedAsIfTheyWereLarger) {
  DiskIndex index(100 * DiskIndex::charged_min);
  for (int i = 0; i < 1000; ++i)
    put(index, name_of(i), {.place = static_cast<std::uint64_t>(i), .bytes = 1, .cost_ms = 1});
  EXPECT_LE(index.content(embedding).entries, 100u);
}

// Beside a plain map: what is there, what it weighs, and which is the oldest.
TEST(DiskIndexTest, ModelTest) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  constexpr std::uint64_t bytes_max = 1'000'000;
  DiskIndex index(bytes_max);
  std::map<int, DiskFacts> model;
  const auto number_of = [&](const DiskName& name) {
    for (int i = 0; i < 300; ++i)
      if (name_of(i) == name) return i;
    return -1;
  };
  std::uint64_t place = 0;
  for (int step = 0; step < 5000; ++step) {
    const int number = static_cast<int>(random() % 300);
    switch (random() % 4) {
      case 0: {
        const DiskFacts facts{place, 4096 + random() % 20'000, static_cast<double>(random() % 1000)};
        place += facts.bytes;
        const auto taken = index.insert(name_of(number), facts);
        index.settle(name_of(number));
        model.erase(number);
        for (const DiskName& evicted : taken.evicted) EXPECT_EQ(model.erase(number_of(evicted)), 1u);
        if (taken.stored) model[number] = facts;
        break;
      }
      case 1: {
        const auto found = index.find(name_of(number));
        ASSERT_EQ(found.has_value(), model.contains(number));
        if (found) {
          EXPECT_EQ(found->place, model[number].place);
        }
        break;
      }
      case 2:
        EXPECT_EQ(index.erase(name_of(number)), model.erase(number) == 1);
        break;
      default:
        if (model.contains(number)) {
          index.move(name_of(number), place);
          model[number].place = place;
          place += model[number].bytes;
        }
    }
    std::uint64_t bytes = 0;
    std::optional<int> oldest;
    for (const auto& [each, facts] : model) {
      bytes += facts.bytes;
      if (!oldest || facts.place < model[*oldest].place) oldest = each;
    }
    ASSERT_EQ(index.content(embedding).bytes, bytes);
    ASSERT_EQ(index.content(embedding).entries, model.size());
    ASSERT_LE(bytes, bytes_max);
    ASSERT_EQ(index.oldest_before(place + 1), oldest ? std::optional(name_of(*oldest)) : std::nullopt);
  }
}

TEST(DiskIndexTest, ARestoredValueIsFoundAndIsNoUse) {
  DiskIndex index(1'000'000);
  EXPECT_TRUE(index.restore(name_of(1), {.place = 7, .bytes = 5000, .cost_ms = 3}).stored);
  EXPECT_TRUE(index.facts(name_of(1)));
  EXPECT_EQ(index.learnt().calls, 0u);
  EXPECT_EQ(index.content(embedding).entries, 1u);
}

TEST(DiskIndexTest, WhatItHasLearntDecidesAfterARestart) {
  constexpr int places = 100;
  const auto fill = [](DiskIndex& index) {
    for (int i = 0; i < places; ++i)
      EXPECT_TRUE(index.restore(name_of(i), {.place = 10'000ULL * i, .bytes = 10'000, .cost_ms = 1}).stored);
  };
  DiskIndex first(10'000 * places), second(10'000 * places);
  fill(first);
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < places / 2; ++i) first.find(name_of(i));
  }
  ASSERT_TRUE(second.recall(first.learnt()));
  fill(second);
  for (int i = places; i < places + places / 4; ++i)
    put(second, name_of(i), {.place = 10'000ULL * i, .bytes = 10'000, .cost_ms = 1});
  for (int i = 0; i < places / 2; ++i) EXPECT_TRUE(second.facts(name_of(i))) << i << " was asked for twenty times";
}

}  // namespace
}  // namespace fovea
