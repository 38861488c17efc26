// Incidents of other caches that a cache alone can cause: entries freed under their readers, values of a
// wrong length, bytes that are not counted, entries consumed by their first reader, a value returned for
// another key, one image computed many times. (Incident 11 is in level_test.cc.)
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <format>
#include <functional>
#include <latch>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "cache/marked_value.h"
#include "fovea/level.h"

namespace fovea {
namespace {

using test::Mark;
using test::mark_of;
using test::MarkedValue;

constexpr std::uint64_t overhead = Level::entry_overhead_bytes;
constexpr std::size_t words = 100;
constexpr std::uint64_t entry_bytes = words * sizeof(std::uint64_t) + overhead;
constexpr int thread_count = 8;

Key key_of(std::int64_t number) { return KeyBuilder("incident").field(number).finish(); }

Blob value_of(std::uint64_t owner, std::uint64_t version = 1) { return MarkedValue::make({owner, version}, words); }

class Incident : public testing::TestWithParam<PolicyKind> {
 protected:
  static LevelOptions room_for(std::uint64_t entries) {
    return {.bytes_max = entries * entry_bytes, .policy = GetParam()};
  }
};

INSTANTIATE_TEST_SUITE_P(Policies, Incident, testing::ValuesIn(all_policies().begin(), all_policies().end()),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// Every way in which an entry can be removed.
TEST_P(Incident, Incident12AnEntryThatLeavesStaysWholeForItsReader) {
  const std::vector<std::function<void(Level&)>> ways = {
      [](Level& level) { level.erase(key_of(1)); },
      [](Level& level) { level.clear(); },
      [](Level& level) { level.insert(key_of(1), value_of(1, 2), 1); },
      [](Level& level) { level.resize(0); },
  };
  for (const auto& leave : ways) {
    Level level(room_for(1));
    level.insert(key_of(1), value_of(1), 1);
    std::optional<LevelHit> hit = level.find(key_of(1));
    ASSERT_TRUE(hit);
    EXPECT_EQ(level.stats().in_use_bytes, 0u);
    leave(level);
    EXPECT_EQ(mark_of(hit->value), (Mark{1, 1}));
    EXPECT_EQ(level.stats().in_use_bytes, words * sizeof(std::uint64_t)) << "counted apart until it is released";
    hit.reset();
    EXPECT_EQ(level.stats().in_use_bytes, 0u);
  }
  EXPECT_EQ(MarkedValue::alive, 0);
}

TEST_P(Incident, Incident12AValueOutlivesItsLevel) {
  Blob value;
  {
    Level level(room_for(4));
    level.insert(key_of(1), value_of(1), 1);
    if (const auto hit = level.find(key_of(1))) value = hit->value;
  }
  EXPECT_EQ(mark_of(value), (Mark{1, 1}));
  value = Blob();
  EXPECT_EQ(MarkedValue::alive, 0);
}

TEST_P(Incident, Incident12APinnedEntryStays) {
  Level level(room_for(4));
  ASSERT_EQ(level.insert(key_of(0), value_of(0), 0), Insertion::stored);  // worth nothing: the first victim
  std::optional<Pin> pin = level.pin(key_of(0));
  ASSERT_TRUE(pin);
  for (int i = 1; i < 200; ++i) {
    level.insert(key_of(i), value_of(static_cast<std::uint64_t>(i)), 100);
    ASSERT_TRUE(level.contains(key_of(0))) << i;
  }
  level.resize(0);
  ASSERT_TRUE(level.find(key_of(0)));
  EXPECT_EQ(level.stats().bytes, entry_bytes);
  EXPECT_EQ(level.stats().pinned_bytes, entry_bytes);
  pin.reset();
  EXPECT_FALSE(level.contains(key_of(0))) << "the budget is 0, so it is evicted when it is unpinned";
  EXPECT_EQ(level.stats().bytes, 0u);
}

// A level knows no shapes. It must return the length that was stored, so that its user can refuse a wrong
// one.
TEST_P(Incident, Incident13AValueComesBackInTheLengthItWasStoredIn) {
  Level level({.bytes_max = 64 << 20, .policy = GetParam()});
  for (const std::size_t size : {0uz, 1uz, 63uz, 64uz, 65uz, 4095uz, 1uz << 20, 3uz}) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    ASSERT_EQ(level.insert(key_of(1), Blob::copy_of(text), 1), Insertion::stored);
    const std::optional<LevelHit> hit = level.find(key_of(1));
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->value.size(), size);
    EXPECT_EQ(hit->value.text(), text);
    EXPECT_EQ(level.stats().bytes, size + overhead);
  }
}

TEST_P(Incident, Incident14EveryByteIsCountedAndTheCapHolds) {
  constexpr std::uint64_t bytes_max = 200'000;
  Level level({.bytes_max = bytes_max, .policy = GetParam()});
  std::mt19937 random(14);
  for (int step = 0; step < 20'000; ++step) {
    const auto number = static_cast<std::int64_t>(random() % 1000);
    if (random() % 8 == 0) level.erase(key_of(number));
    // Sizes from nothing to a third of the budget, small ones more often.
    else
      level.insert(key_of(number), Blob::copy_of(std::string((1u << random() % 17) - 1, 'x')),
                   static_cast<double>(1 + random() % 100));
    const LevelStats stats = level.stats();
    ASSERT_LE(stats.bytes, bytes_max) << "step " << step;
    if (step % 100 != 0) continue;
    std::uint64_t shown = 0, entries = 0;
    level.for_each([&](const EntryView& view) {
      EXPECT_EQ(view.bytes, view.value.size() + overhead);
      shown += view.bytes;
      ++entries;
    });
    ASSERT_EQ(shown, stats.bytes) << "step " << step;
    ASSERT_EQ(entries, stats.entries) << "step " << step;
  }
}

// Compared with the memory that the allocator gives out.
TEST_P(Incident, Incident14SmallEntriesTakeNoMoreMemoryThanIsCharged) {
  const auto in_use = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
  const std::size_t before_probe = in_use();
  const std::string probe(1 << 20, 'x');
  if (in_use() < before_probe + probe.size())
    GTEST_SKIP() << "this build's allocator does not report what it gives out";

  constexpr int entries = 100'000;
  constexpr std::uint64_t bytes_max = entries * (64 + overhead);
  // The ghosts of a level and its policy are bounded separately and are not charged.
  constexpr std::size_t memories_max = 16 << 20;
  Level level({.bytes_max = bytes_max, .policy = GetParam()});
  const std::size_t before = in_use();
  const auto fill = [&](int from, int to) {
    for (int i = from; i < to; ++i) level.insert(key_of(i), Blob::copy_of(std::string(64, 'x')), 1);
    return in_use() - before;
  };
  const std::size_t full = fill(0, entries);
  EXPECT_EQ(level.stats().bytes, bytes_max);
  EXPECT_LE(full, bytes_max) << std::format("{} bytes an entry, {} charged", full / entries, 64 + overhead);
  const std::size_t churned = fill(entries, 4 * entries);
  EXPECT_LE(churned, full + memories_max) << "it grows with what was evicted";
}

TEST_P(Incident, Incident15AnEntryIsNotUsedUpByItsReaders) {
  Level level(room_for(4));
  ASSERT_EQ(level.insert(key_of(1), value_of(1), 5), Insertion::stored);
  for (int reader = 0; reader < 1000; ++reader) {
    const std::optional<LevelHit> hit = level.find(key_of(1));
    ASSERT_TRUE(hit) << "reader " << reader;
    ASSERT_EQ(mark_of(hit->value), (Mark{1, 1}));
    ASSERT_EQ(hit->cost_ms, 5);
  }
  EXPECT_EQ(level.stats().hits, 1000u);
  EXPECT_EQ(level.stats().saved_ms, 5000);
  EXPECT_EQ(level.stats().entries, 1u);
}

// insert tells the truth: a "stored" value is found, a "bypassed" one is not.
TEST_P(Incident, Incident15SuccessMeansThatItIsThere) {
  Level level(room_for(8));
  std::mt19937 random(15);
  int stored = 0;
  for (int step = 0; step < 10'000; ++step) {
    const auto number = random() % 30;
    const Insertion said = level.insert(key_of(number), value_of(number), static_cast<double>(1 + random() % 100));
    const std::optional<LevelHit> hit = level.find(key_of(number));
    ASSERT_EQ(said == Insertion::stored, hit.has_value()) << "step " << step;
    stored += hit.has_value();
  }
  EXPECT_GT(stored, 0);
}

TEST_P(Incident, Incident15AComputedValueIsReused) {
  Level level(room_for(4));
  int computed = 0;
  for (int round = 0; round < 10; ++round) {
    const Result<Blob> got = level.get_or_compute(key_of(1), [&]() -> Result<Blob> {
      ++computed;
      return value_of(1);
    });
    ASSERT_TRUE(got);
    ASSERT_EQ(mark_of(*got), (Mark{1, 1}));
  }
  EXPECT_EQ(computed, 1);
}

// Keys that share the 64 bits that hash tables use, and differ in the others.
TEST_P(Incident, Incident16KeysThatNearlyAgreeNeverShareAValueUnderLoad) {
  std::vector<Key> keys(12, key_of(1));
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i].bytes[8 + 2 * i] ^= std::byte{0x10};
  for (const Key& key : keys) ASSERT_EQ(key.bits(), keys[0].bits());
  Level level(room_for(keys.size() / 2));
  std::atomic<int> wrong = 0, hits = 0;
  const auto work = [&](unsigned seed) {
    std::mt19937 random(seed);
    for (int step = 0; step < 3000; ++step) {
      const std::size_t at = random() % keys.size();
      const auto hit = level.find(keys[at]);
      const auto mark = hit ? mark_of(hit->value) : std::nullopt;
      if (hit) ++hits;
      if (hit && (!mark || mark->owner != at)) ++wrong;
      if (!hit) level.insert(keys[at], value_of(at), 1);
      if (random() % 50 == 0) level.erase(keys[at]);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < thread_count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(hits, 0);
}

// Calls get_or_compute(key_of(1)) on many threads at once and returns what each got.
std::vector<Result<Blob>> ask_together(Level& level, const std::function<Result<Blob>()>& compute) {
  std::vector<Result<Blob>> got(thread_count, fail(Fault::internal, "not asked"));
  std::barrier together(thread_count);
  std::vector<std::thread> threads;
  for (Result<Blob>& mine : got) {
    threads.emplace_back([&] {
      together.arrive_and_wait();
      mine = level.get_or_compute(key_of(1), compute);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return got;
}

TEST_P(Incident, Incident23AHotImageIsComputedOnce) {
  for (int round = 0; round < 50; ++round) {
    Level level(room_for(4));
    std::atomic<int> computed = 0;
    const auto got =
        ask_together(level, [&]() -> Result<Blob> { return value_of(1, static_cast<std::uint64_t>(++computed)); });
    EXPECT_EQ(computed, 1);
    for (const Result<Blob>& mine : got) EXPECT_TRUE(mine && mark_of(*mine) == (Mark{1, 1}));
  }
}

// Even where nothing can be stored, a second caller waits and does not compute.
TEST_P(Incident, Incident23WhatCannotBeStoredIsComputedOnceAtATime) {
  Level level({.bytes_max = 0, .policy = GetParam()});
  std::latch computing(1), joined(1);
  std::thread leader([&] {
    const auto got = level.get_or_compute(key_of(1), [&]() -> Result<Blob> {
      computing.count_down();
      joined.wait();
      return value_of(1);
    });
    EXPECT_TRUE(got && mark_of(*got) == (Mark{1, 1}));
  });
  computing.wait();
  // A caller that is already stopped proves that there is a computation to wait for.
  std::stop_source stop;
  stop.request_stop();
  bool computed_again = false;
  const auto compute = [&]() -> Result<Blob> {
    computed_again = true;
    return value_of(1, 2);
  };
  const auto refused = level.get_or_compute(key_of(1), compute, {}, stop.get_token());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::cancelled);
  EXPECT_FALSE(computed_again);
  joined.count_down();
  leader.join();
}

TEST_P(Incident, Incident23AFailureReachesItsOwnCallerAloneAndAnotherOneComputes) {
  for (int round = 0; round < 50; ++round) {
    Level level(room_for(4));
    std::atomic<int> computed = 0;
    const auto got = ask_together(level, [&]() -> Result<Blob> {
      const int number = ++computed;
      if (number <= 2) return fail(Fault::unavailable, std::format("failure {}", number));
      return value_of(1, static_cast<std::uint64_t>(number));
    });
    EXPECT_EQ(computed, 3);
    EXPECT_EQ(std::ranges::count_if(got, [](const auto& mine) { return !mine; }), 2);
    for (const Result<Blob>& mine : got) EXPECT_TRUE(!mine || mark_of(*mine) == (Mark{1, 3}));
  }
}

TEST_P(Incident, Incident23ACallerThatStopsWaitingLeavesTheComputationToTheOthers) {
  Level level(room_for(4));
  std::latch computing(1), left(1);
  std::thread leader([&] {
    const auto got = level.get_or_compute(key_of(1), [&]() -> Result<Blob> {
      computing.count_down();
      left.wait();
      return value_of(1);
    });
    EXPECT_TRUE(got);
  });
  computing.wait();
  std::stop_source stop;
  std::thread follower([&] {
    const auto got = level.get_or_compute(key_of(1), [] { return Result<Blob>(value_of(1, 2)); }, {}, stop.get_token());
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().fault, Fault::cancelled);
  });
  stop.request_stop();
  follower.join();
  left.count_down();
  leader.join();
  EXPECT_TRUE(level.contains(key_of(1)));
}

// A key that is being computed does not delay the others, and a computation may use the level.
TEST_P(Incident, Incident23OtherKeysGoOnMeanwhile) {
  Level level(room_for(8));
  level.insert(key_of(2), value_of(2), 1);
  const auto got = level.get_or_compute(key_of(1), [&]() -> Result<Blob> {
    EXPECT_TRUE(level.find(key_of(2)));
    level.insert(key_of(3), value_of(3), 1);
    const auto nested = level.get_or_compute(key_of(4), [] { return Result<Blob>(value_of(4)); });
    EXPECT_TRUE(nested && mark_of(*nested) == (Mark{4, 1}));
    return value_of(1);
  });
  ASSERT_TRUE(got);
  for (const std::int64_t number : {1, 2, 3, 4}) EXPECT_TRUE(level.contains(key_of(number))) << number;
}

}  // namespace
}  // namespace fovea
