// ValuePolicy: what it keeps of bursts, loops, scans and drifts, of what size, cost and importance.
#include "cache/policy/value.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "cache/policy/lru.h"
#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

std::unique_ptr<Policy> value() { return std::make_unique<ValuePolicy>(); }

std::vector<ItemFacts> alike(std::uint32_t count) { return std::vector<ItemFacts>(count, {.size = 1, .cost_ms = 100}); }

// How many of the last half of `requests` hit.
int late_hits(std::unique_ptr<Policy> policy, std::uint64_t bytes_max, const std::vector<ItemFacts>& facts,
              const std::vector<std::uint32_t>& requests) {
  PolicyHarness cache(std::move(policy), bytes_max, facts);
  int hits = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const bool hit = cache.request(requests[i]);
    if (hit && i >= requests.size() / 2) ++hits;
  }
  return hits;
}

TEST(Value, EvictsTheLeastSavedTimePerByte) {
  const std::vector<ItemFacts> facts = {
      {.size = 10, .cost_ms = 1000}, {.size = 10, .cost_ms = 10}, {.size = 10, .cost_ms = 1000}};
  PolicyHarness cache(value(), 20, facts);
  for (const std::uint32_t key : {0U, 1U, 2U}) cache.request(key);
  EXPECT_EQ(cache.evicted(), std::vector<std::uint32_t>{1});
  EXPECT_EQ(cache.present(), (std::set<std::uint32_t>{0, 2}));
}

TEST(Value, DoesNotStoreWhatSavesLessThanItWouldDisplace) {
  const std::vector<ItemFacts> facts = {
      {.size = 10, .cost_ms = 1000}, {.size = 10, .cost_ms = 1000}, {.size = 10, .cost_ms = 10}};
  PolicyHarness cache(value(), 20, facts);
  for (const std::uint32_t key : {0U, 1U, 2U}) cache.request(key);
  EXPECT_TRUE(cache.evicted().empty());
  EXPECT_EQ(cache.declined(), 1U);
}

TEST(Value, KeepsHalfOfALoopThatIsTwiceItsSize) {
  std::vector<std::uint32_t> requests;
  for (std::uint32_t i = 0; i < 8000; ++i) requests.push_back(i % 100);
  EXPECT_EQ(late_hits(std::make_unique<LruPolicy>(), 50, alike(100), requests), 0);
  EXPECT_GE(late_hits(value(), 50, alike(100), requests), 1900);  // 2,000 is the maximum
}

TEST(Value, LetsBurstsInThoughTheyAreNew) {
  std::vector<std::uint32_t> requests;  // each key four times in two interleaved bursts, and then never again
  for (std::uint32_t pair = 0; pair < 1000; ++pair) {
    for (int turn = 0; turn < 4; ++turn) requests.insert(requests.end(), {2 * pair, 2 * pair + 1});
  }
  EXPECT_GE(late_hits(value(), 4, alike(2000), requests), 2900);  // 3,000 is the maximum
}

TEST(Value, KeepsThePopularThroughScans) {
  Random random(5);
  std::vector<std::uint32_t> requests;
  int popular = 0;
  for (std::uint32_t scanned = 50; scanned < 10'050;) {
    for (int i = 0; i < 200; ++i) requests.push_back(static_cast<std::uint32_t>(drawn(random, 0, 49)));
    if (scanned >= 5050) popular += 200;
    for (int i = 0; i < 200; ++i) requests.push_back(scanned++);
  }
  EXPECT_GE(late_hits(value(), 50, alike(10'050), requests), popular * 97 / 100);
}

TEST(Value, RemembersAPopularEntryThatWasEvicted) {
  std::vector<ItemFacts> facts = alike(102);
  facts[0] = facts[1] = {.size = 50, .cost_ms = 5000};
  PolicyHarness cache(value(), 100, facts);
  for (int i = 0; i < 40; ++i) {
    cache.request(0);
    cache.request(1);
  }
  cache.resize(10);
  EXPECT_TRUE(cache.present().empty());
  cache.resize(100);
  for (std::uint32_t key = 2; key < 102; ++key) cache.request(key);  // a hundred newcomers fill it
  cache.request(0);                                                  // each has a fiftieth of its size
  EXPECT_TRUE(cache.present().contains(0));
}

TEST(Value, FindsTheOneLargeEntryAmongThousandsOfSmallOnes) {
  constexpr std::uint32_t small = 5000;
  std::vector<ItemFacts> facts(small, {.size = 100, .cost_ms = 2000, .level = 2});
  const ItemFacts large{.size = 2'000'000, .cost_ms = 2000};
  facts.insert(facts.end(), 50, large);
  PolicyHarness cache(value(), 2'500'000, facts);
  for (std::uint32_t key = 0; key < small; ++key) cache.request(key);
  for (std::uint32_t key = small; key < small + 50; ++key) {
    for (int i = 0; i < 5; ++i) cache.request(key);  // a burst for each, as requests for images come
  }
  const auto large_ones = std::ranges::count_if(cache.evicted(), [](std::uint32_t key) { return key >= small; });
  EXPECT_GE(large_ones, 40);
  EXPECT_LE(cache.evicted().size() - static_cast<std::size_t>(large_ones), small / 100)
      << "small ones make no room for a large one";
}

TEST(Value, UsesImportanceOnceItPredictsHits) {
  Random random(6);
  std::vector<ItemFacts> facts = alike(4000);
  for (std::uint32_t key = 0; key < 4000; ++key) facts[key].importance = key % 2 == 0 ? 0.9F : 0.1F;
  PolicyHarness cache(value(), 100, facts);
  int even = 0;
  for (std::uint32_t key = 0; key + 100 < 4000; ++key) {  // important newcomers soon come again
    cache.request(key);
    for (int i = 0; i < 2; ++i)
      cache.request(std::max(2U, key) / 2 * 2 -
                    static_cast<std::uint32_t>(drawn(random, 0, std::min(25U, key / 2))) * 2);
  }
  for (const std::uint32_t key : cache.present()) even += key % 2 == 0 ? 1 : 0;
  EXPECT_GE(even, 90);
}

TEST(Value, ChoosesTheSameGivenTheSameCalls) {
  std::optional<std::vector<std::uint32_t>> first;
  for (int run = 0; run < 2; ++run) {
    Random random(7);
    PolicyHarness cache(value(), 300, small_facts(random, 500));
    for (int i = 0; i < 20'000; ++i) {
      const auto key = static_cast<std::uint32_t>(drawn(random, 0, 499));
      cache.request(key);
      if (i % 50 == 0) cache.set_importance(key, static_cast<float>(i % 7) / 7);
    }
    if (first) {
      EXPECT_EQ(cache.evicted(), *first);
    }
    first = cache.evicted();
  }
  EXPECT_FALSE(first->empty());
}

TEST(Value, AcceptsAnyFacts) {
  constexpr double infinite = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<ItemFacts> facts;
  for (const double cost : {0.0, -1.0, infinite, nan, 1e300}) {
    for (const float importance : {-1.0F, 0.5F, std::numeric_limits<float>::quiet_NaN()}) {
      for (const std::uint8_t level : std::array<std::uint8_t, 3>{0, 2, 255})
        facts.push_back({.size = 1, .cost_ms = cost, .importance = importance, .level = level});
    }
  }
  PolicyHarness cache(value(), 20, facts);
  Random random(8);
  for (int i = 0; i < 2000; ++i) cache.request(static_cast<std::uint32_t>(drawn(random, 0, facts.size() - 1)));
  EXPECT_EQ(cache.drain().size(), 20U);
}

TEST(Value, MayConfuseTwoEntriesOfOneIdButLosesNeither) {
  ValuePolicy policy;
  std::array<Item, 4> items;  // all of id 0
  for (Item& item : items) {
    item.size = 1;
    item.cost_ms = 1;
    policy.inserted(item);
  }
  policy.hit(items[2]);
  std::set<Item*> left;
  while (Item* victim = policy.victim(nullptr)) {
    policy.removed(*victim, RemovalCause::evicted);
    left.insert(victim);
  }
  EXPECT_EQ(left.size(), items.size());
  policy.inserted(items[1]);
  EXPECT_EQ(policy.victim(nullptr), &items[1]);
  policy.removed(items[1], RemovalCause::erased);
}

TEST(Value, HandlesAnOwnerThatAsksForAVictimAndGivesUp) {
  ValuePolicy policy;
  Item in, other;
  in.id = 1;
  other.id = 2;
  in.size = other.size = 1;
  in.cost_ms = other.cost_ms = 1;
  policy.inserted(in);
  policy.victim(&other);  // then neither inserted nor declined
  policy.hit(in);
  policy.removed(in, RemovalCause::expired);
  policy.inserted(other);
  policy.inserted(in);
  policy.removed(other, RemovalCause::erased);
  policy.removed(in, RemovalCause::evicted);
  EXPECT_EQ(policy.victim(&other), nullptr);
}

// Entries of one kind each: those below `popular` are asked for again and again, each other once.
struct Restart {
  static constexpr std::uint32_t popular = 40, entries = 4000;

  static std::vector<Item> items() {
    std::vector<Item> all(entries);
    for (std::uint32_t i = 0; i < entries; ++i) {
      all[i].id = 1000 + i;
      all[i].size = 1;
      all[i].cost_ms = 100;
    }
    return all;
  }

  // Room for `popular` entries; half of the requests are for the popular ones.
  static void run(ValuePolicy& policy, std::vector<Item>& all, std::set<std::uint32_t>& cached, std::uint32_t from,
                  std::uint32_t to) {
    for (std::uint32_t i = from; i < to; ++i) {
      for (const std::uint32_t key : {i, i % popular}) {
        if (cached.contains(key)) {
          ++all[key].hits;
          policy.hit(all[key]);
          continue;
        }
        if (cached.size() == popular) {
          Item* victim = policy.victim(&all[key]);
          if (victim == nullptr) {
            policy.declined(all[key]);
            continue;
          }
          policy.removed(*victim, RemovalCause::evicted);
          cached.erase(static_cast<std::uint32_t>(victim->id - 1000));
        }
        policy.inserted(all[key]);
        cached.insert(key);
      }
    }
  }

  static std::vector<std::uint64_t> drained(ValuePolicy& policy) {
    std::vector<std::uint64_t> victims;
    while (Item* victim = policy.victim(nullptr)) {
      victims.push_back(victim->id);
      policy.removed(*victim, RemovalCause::evicted);
    }
    return victims;
  }
};

TEST(ValueRecall, GoesOnAsIfItHadNeverStopped) {
  std::vector<Item> before = Restart::items(), after = Restart::items();
  ValuePolicy first, second;
  std::set<std::uint32_t> cached;
  Restart::run(first, before, cached, Restart::popular, 2000);
  const ReuseMemory memory = first.learnt(ReuseHistory::ghosts_min);
  ASSERT_TRUE(second.recall(memory));
  for (const ReuseMemory::Use& use : memory.uses) {
    const auto key = static_cast<std::uint32_t>(use.id - 1000);
    if (cached.contains(key)) second.restored(after[key]);
  }
  EXPECT_EQ(second.learnt(ReuseHistory::ghosts_min), memory);
  std::set<std::uint32_t> also_cached = cached;
  Restart::run(first, before, cached, 2000, 2100);
  Restart::run(second, after, also_cached, 2000, 2100);
  EXPECT_EQ(also_cached, cached);
  EXPECT_EQ(Restart::drained(second), Restart::drained(first));
}

TEST(ValueRecall, RemembersTheLatestUsesOnly) {
  std::vector<Item> items = Restart::items();
  ValuePolicy policy;
  std::set<std::uint32_t> cached;
  Restart::run(policy, items, cached, Restart::popular, 2000);
  const ReuseMemory all = policy.learnt(ReuseHistory::ghosts_min), some = policy.learnt(10);
  ASSERT_EQ(some.uses.size(), 10u);
  EXPECT_TRUE(std::ranges::equal(some.uses, std::span(all.uses).last(10)));
  EXPECT_TRUE(std::ranges::is_sorted(all.uses, std::greater(), &ReuseMemory::Use::age));
}

TEST(ValueRecall, WhatIsNoMemoryIsNotRecalled) {
  const ReuseMemory sound{.calls = 10,
                          .counts = std::vector<double>(ReuseOdds::counts_size, 1),
                          .uses = {{.id = 1, .age = 3, .uses = 1, .kind = 0}}};
  ReuseMemory short_counts = sound, negative = sound, no_number = sound, of_the_future = sound, no_use = sound,
              no_kind = sound;
  short_counts.counts.pop_back();
  negative.counts[5] = -1;
  no_number.counts[5] = std::numeric_limits<double>::quiet_NaN();
  of_the_future.uses[0].age = 11;
  no_use.uses[0].uses = 0;
  no_kind.uses[0].kind = ReuseOdds::kinds;
  ValuePolicy policy;
  for (const ReuseMemory& wrong : {short_counts, negative, no_number, of_the_future, no_use, no_kind})
    EXPECT_FALSE(policy.recall(wrong));
  EXPECT_TRUE(policy.recall(sound));
}

}  // namespace
}  // namespace fovea
