// Level: what it stores, evicts, expires, pins and counts, and that it behaves as a plain model.
#include "fovea/level.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <list>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"

namespace fovea {
namespace {

Key key_of(std::int64_t number) { return KeyBuilder("test").field(number).finish(); }

Blob value_of(std::size_t size, char fill = 'x') { return Blob::copy_of(std::string(size, fill)); }

constexpr std::uint64_t overhead = Level::entry_overhead_bytes;

// A level whose eviction order a test can predict.
Level lru(std::uint64_t bytes_max) { return Level(LevelOptions{.bytes_max = bytes_max, .policy = PolicyKind::lru}); }

// A clock that a test sets.
class ManualClock : public Clock {
 public:
  double now_ms() const override { return now; }
  std::atomic<double> now = 0;
};

TEST(Level, FindsWhatWasInserted) {
  Level level(1 << 20);
  EXPECT_FALSE(level.find(key_of(1)));
  EXPECT_EQ(level.insert(key_of(1), Blob::copy_of("hello"), 12.5), Insertion::stored);
  const auto hit = level.find(key_of(1));
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->value.text(), "hello");
  EXPECT_EQ(hit->cost_ms, 12.5);
  EXPECT_FALSE(level.find(key_of(2)));
}

TEST(Level, AHitCopiesNothing) {
  Level level(1 << 20);
  const Blob value = value_of(1000);
  level.insert(key_of(1), value, 1);
  EXPECT_EQ(level.find(key_of(1))->value.bytes().data(), value.bytes().data());
}

TEST(Level, ReplacesTheEntryOfTheSameKey) {
  Level level(1 << 20);
  level.insert(key_of(1), value_of(1000), 1);
  level.insert(key_of(1), value_of(10), 2);
  EXPECT_EQ(level.find(key_of(1))->value.size(), 10u);
  EXPECT_EQ(level.stats().entries, 1u);
  EXPECT_EQ(level.stats().bytes, 10 + overhead);
}

TEST(Level, EvictsTheLeastRecentlyUsedFirst) {
  Level level = lru(3 * (100 + overhead));
  for (int i = 1; i <= 3; ++i) level.insert(key_of(i), value_of(100), 1);
  level.find(key_of(1));
  level.insert(key_of(4), value_of(100), 1);
  EXPECT_TRUE(level.find(key_of(1)));
  EXPECT_FALSE(level.find(key_of(2)));
  EXPECT_TRUE(level.find(key_of(3)));
  EXPECT_EQ(level.stats().evictions, 1u);
}

TEST(Level, CountsWhatItDoes) {
  Level level(1 << 20);
  level.insert(key_of(1), value_of(100), 7);
  level.find(key_of(1));
  level.find(key_of(1));
  level.find(key_of(2));
  const LevelStats stats = level.stats();
  EXPECT_EQ(stats.hits, 2u);
  EXPECT_EQ(stats.misses, 1u);
  EXPECT_EQ(stats.insertions, 1u);
  EXPECT_EQ(stats.saved_ms, 14);
  EXPECT_EQ(stats.bytes, 100 + overhead);
  EXPECT_EQ(stats.bytes_max, 1u << 20);
}

TEST(Level, ContainsUsesNothing) {
  Level level = lru(2 * (100 + overhead));
  level.insert(key_of(1), value_of(100), 1);
  level.insert(key_of(2), value_of(100), 1);
  EXPECT_TRUE(level.contains(key_of(1)));
  EXPECT_FALSE(level.contains(key_of(3)));
  level.insert(key_of(3), value_of(100), 1);
  EXPECT_FALSE(level.contains(key_of(1)));
  EXPECT_EQ(level.stats().hits + level.stats().misses, 0u);
}

TEST(Level, EraseAndClearGiveTheBytesBack) {
  Level level(1 << 20);
  for (int i = 0; i < 10; ++i) level.insert(key_of(i), value_of(100), 1);
  EXPECT_TRUE(level.erase(key_of(3)));
  EXPECT_FALSE(level.erase(key_of(3)));
  EXPECT_EQ(level.stats().entries, 9u);
  level.clear();
  EXPECT_EQ(level.stats().entries, 0u);
  EXPECT_EQ(level.stats().bytes, 0u);
  level.insert(key_of(1), value_of(100), 1);
  EXPECT_TRUE(level.find(key_of(1)));
}

TEST(Level, ChargesExtraBytesToTheBudget) {
  Level level = lru(2 * (100 + overhead) + 50);
  level.insert(key_of(1), value_of(100), {.cost_ms = 1, .extra_bytes = 50});
  EXPECT_EQ(level.stats().bytes, 150 + overhead);
  level.for_each([](const EntryView& entry) { EXPECT_EQ(entry.bytes, 150 + overhead); });
  level.insert(key_of(2), value_of(100), 1);
  EXPECT_TRUE(level.contains(key_of(1))) << "both fit exactly";
  EXPECT_EQ(level.insert(key_of(3), value_of(100), {.cost_ms = 1, .extra_bytes = 51}), Insertion::stored);
  EXPECT_FALSE(level.contains(key_of(1)));
  EXPECT_FALSE(level.contains(key_of(2))) << "one byte more than both leave";
  level.erase(key_of(3));
  EXPECT_EQ(level.stats().bytes, 0u);
  EXPECT_EQ(level.insert(key_of(4), value_of(0), {.cost_ms = 1, .extra_bytes = 1 << 20}), Insertion::bypassed);
  EXPECT_EQ(level.stats().bypasses_by[static_cast<int>(BypassReason::too_large)], 1u);
}

TEST(Level, Incident11LargerThanTheLevelBypassesAndEvictsNothing) {
  Level level(1000 + overhead);
  level.insert(key_of(1), value_of(500), 1);
  EXPECT_EQ(level.insert(key_of(2), value_of(1001), 1), Insertion::bypassed);
  EXPECT_FALSE(level.find(key_of(2)));
  EXPECT_TRUE(level.find(key_of(1)));
  EXPECT_EQ(level.stats().bypasses, 1u);
  EXPECT_EQ(level.stats().evictions, 0u);
}

TEST(Level, Incident11TwoEntriesThatDoNotFitTogetherTakeTurns) {
  Level level = lru(1000 + overhead);
  for (int round = 0; round < 100; ++round) {
    EXPECT_EQ(level.insert(key_of(round % 2), value_of(700), 1), Insertion::stored);
    EXPECT_TRUE(level.find(key_of(round % 2)));
    EXPECT_FALSE(level.find(key_of(1 - round % 2)));
  }
}

TEST(Level, ZeroBudgetStoresNothing) {
  Level level(0);
  EXPECT_EQ(level.insert(key_of(1), Blob(), 1), Insertion::bypassed);
  EXPECT_FALSE(level.find(key_of(1)));
}

TEST(Level, Incident12AnEvictedValueStaysReadableForItsReader) {
  Level level = lru(1000 + overhead);
  level.insert(key_of(1), value_of(700, 'a'), 1);
  const auto hit = level.find(key_of(1));
  level.insert(key_of(2), value_of(700, 'b'), 1);
  ASSERT_FALSE(level.find(key_of(1)));
  EXPECT_EQ(hit->value.text(), std::string(700, 'a'));
}

// The plain model: a list in order of use.
class PlainLru {
 public:
  explicit PlainLru(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  std::optional<std::string> find(std::int64_t key) {
    const auto found = locate(key);
    if (found == entries_.end()) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, found);
    return entries_.front().second;
  }

  void insert(std::int64_t key, const std::string& value) {
    erase(key);
    if (value.size() + overhead > bytes_max_) return;
    entries_.emplace_front(key, value);
    while (bytes() > bytes_max_) entries_.pop_back();
  }

  void erase(std::int64_t key) {
    if (const auto found = locate(key); found != entries_.end()) entries_.erase(found);
  }

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [key, value] : entries_) sum += value.size() + overhead;
    return sum;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<std::int64_t, std::string>>;
  Entries::iterator locate(std::int64_t key) {
    return std::ranges::find(entries_, key, &std::pair<std::int64_t, std::string>::first);
  }
  Entries entries_;
  std::uint64_t bytes_max_;
};

TEST(Level, BehavesAsThePlainModel) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  constexpr std::uint64_t bytes_max = 20'000;
  Level level = lru(bytes_max);
  PlainLru plain(bytes_max);
  for (int step = 0; step < 50'000; ++step) {
    const std::int64_t key = static_cast<std::int64_t>(random() % 64);
    switch (random() % 8) {
      case 0: {
        level.erase(key_of(key));
        plain.erase(key);
        break;
      }
      case 1:
      case 2: {
        const std::string value(random() % 2 ? random() % 2000 : random() % 30'000, static_cast<char>('a' + key % 26));
        level.insert(key_of(key), Blob::copy_of(value), 1);
        plain.insert(key, value);
        break;
      }
      default: {
        const auto hit = level.find(key_of(key));
        const auto expected = plain.find(key);
        ASSERT_EQ(hit.has_value(), expected.has_value()) << "step " << step;
        if (hit) {
          ASSERT_EQ(hit->value.text(), *expected) << "step " << step;
        }
      }
    }
    ASSERT_EQ(level.stats().bytes, plain.bytes()) << "step " << step;
    ASSERT_EQ(level.stats().entries, plain.size()) << "step " << step;
  }
}

TEST(Level, ManyThreadsNeverSeeAWrongValueOrABrokenBudget) {
  constexpr std::uint64_t bytes_max = 30'000;
  Level level(bytes_max);
  std::atomic<bool> wrong = false;
  auto work = [&](unsigned seed) {
    std::mt19937 random(seed);
    for (int step = 0; step < 20'000; ++step) {
      const std::int64_t key = static_cast<std::int64_t>(random() % 50);
      // Every byte of a value marks its key.
      const char mark = static_cast<char>('A' + key);
      if (random() % 4 == 0)
        level.insert(key_of(key), value_of(1 + random() % 1500, mark), 1);
      else if (random() % 16 == 0)
        level.erase(key_of(key));
      else if (const auto hit = level.find(key_of(key))) {
        const std::string_view text = hit->value.text();
        if (text.find_first_not_of(mark) != std::string_view::npos) wrong = true;
      }
      if (level.stats().bytes > bytes_max) wrong = true;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 6; ++i) threads.emplace_back(work, i + 1);
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(wrong);
  level.clear();
  EXPECT_EQ(level.stats().bytes, 0u);
  EXPECT_EQ(level.stats().entries, 0u);
}

TEST(Level, ReplacingByWhatDoesNotFitServesNothingStale) {
  Level level(1000 + overhead);
  level.insert(key_of(1), value_of(10), 1);
  EXPECT_EQ(level.insert(key_of(1), value_of(2000), 1), Insertion::bypassed);
  EXPECT_FALSE(level.find(key_of(1)));
}

TEST(Level, TellsWhyItMissed) {
  ManualClock clock;
  Level level(LevelOptions{.bytes_max = 2 * (100 + overhead), .policy = PolicyKind::lru, .clock = &clock});
  level.find(key_of(1));  // never seen
  level.insert(key_of(2), value_of(100), {.ttl_ms = 10});
  clock.now = 10;
  level.find(key_of(2));  // expired
  for (int i = 3; i <= 5; ++i) level.insert(key_of(i), value_of(100), 1);
  level.find(key_of(3));  // evicted
  level.erase(key_of(4));
  level.find(key_of(4));  // erased
  level.insert(key_of(6), value_of(100), {.tenant = 1, .content = 77});
  level.find(key_of(7), 77);  // another tenant stored it
  level.find(key_of(8), 78);  // no tenant stored it
  const LevelStats stats = level.stats();
  EXPECT_EQ(stats.misses_by, (std::array<std::uint64_t, miss_reasons>{2, 1, 1, 1, 1}));
  EXPECT_EQ(stats.misses, 6u);
  EXPECT_EQ(stats.evictions_by, (std::array<std::uint64_t, eviction_reasons>{1, 0, 1}));
}

TEST(Level, AnEntryLivesForItsTimeToLive) {
  ManualClock clock;
  Level level(LevelOptions{.bytes_max = 1 << 20, .clock = &clock});
  level.insert(key_of(1), value_of(100), {.ttl_ms = 100});
  level.insert(key_of(2), value_of(100), 1);
  clock.now = 99;
  EXPECT_TRUE(level.contains(key_of(1)));
  EXPECT_TRUE(level.find(key_of(1)));
  clock.now = 100;
  level.for_each([](const EntryView& entry) { EXPECT_EQ(entry.key, key_of(2)); });
  EXPECT_EQ(level.stats().entries, 1u);
  EXPECT_FALSE(level.contains(key_of(1)));
  EXPECT_FALSE(level.find(key_of(1)));
  EXPECT_TRUE(level.find(key_of(2)));
  EXPECT_EQ(level.stats().entries, 1u);
  EXPECT_EQ(level.stats().bytes, 100 + overhead);
}

TEST(Level, APinnedEntryStaysAndCounts) {
  ManualClock clock;
  Level level(LevelOptions{.bytes_max = 2 * (100 + overhead), .policy = PolicyKind::lru, .clock = &clock});
  level.insert(key_of(1), value_of(100), {.ttl_ms = 50});
  {
    const auto pin = level.pin(key_of(1));
    ASSERT_TRUE(pin);
    EXPECT_EQ(level.stats().pinned_bytes, 100 + overhead);
    for (int i = 2; i < 50; ++i) level.insert(key_of(i), value_of(100), 1);
    clock.now = 1000;
    EXPECT_TRUE(level.find(key_of(1)));
    EXPECT_EQ(level.insert(key_of(99), value_of(100 + overhead), 1), Insertion::bypassed);
    EXPECT_EQ(level.stats().bypasses_by[static_cast<int>(BypassReason::pinned)], 1u);
  }
  EXPECT_FALSE(level.find(key_of(1)));  // it expired while it was pinned
  EXPECT_EQ(level.stats().pinned_bytes, 0u);
  EXPECT_FALSE(level.pin(key_of(1)));
}

TEST(Level, TwoPinsHoldUntilTheSecondGoes) {
  Level level = lru(100 + overhead);
  level.insert(key_of(1), value_of(100), 1);
  auto first = level.pin(key_of(1));
  auto second = level.pin(key_of(1));
  first.reset();
  EXPECT_EQ(level.insert(key_of(2), value_of(100), 1), Insertion::bypassed);
  second.reset();
  EXPECT_EQ(level.insert(key_of(2), value_of(100), 1), Insertion::stored);
}

TEST(Level, APinnedEntryCanBeErased) {
  Level level(1 << 20);
  level.insert(key_of(1), value_of(100), 1);
  const auto pin = level.pin(key_of(1));
  EXPECT_TRUE(level.erase(key_of(1)));
  EXPECT_FALSE(level.find(key_of(1)));
  EXPECT_EQ(level.stats().bytes, 0u);
  EXPECT_EQ(level.stats().pinned_bytes, 0u);
}

TEST(Level, ResizeEvictsAtOnceButNotWhatIsPinned) {
  Level level = lru(10 * (100 + overhead));
  for (int i = 0; i < 10; ++i) level.insert(key_of(i), value_of(100), 1);
  auto pin = level.pin(key_of(0));
  level.resize(3 * (100 + overhead));
  EXPECT_EQ(level.stats().entries, 3u);
  EXPECT_EQ(level.stats().evictions_by[static_cast<int>(EvictionReason::resized)], 7u);
  EXPECT_TRUE(level.contains(key_of(0)));
  level.resize(0);
  EXPECT_EQ(level.stats().entries, 1u);
  pin.reset();
  EXPECT_EQ(level.stats().entries, 0u);
  level.resize(1 << 20);
  EXPECT_EQ(level.insert(key_of(1), value_of(100), 1), Insertion::stored);
}

TEST(Level, CountsWhatReadersStillHoldApart) {
  Level level = lru(1000 + overhead);
  level.insert(key_of(1), value_of(700), 1);
  auto hit = level.find(key_of(1));
  EXPECT_EQ(level.stats().in_use_bytes, 0u);
  level.insert(key_of(2), value_of(700), 1);
  EXPECT_EQ(level.stats().in_use_bytes, 700u);
  EXPECT_EQ(level.stats().bytes, 700 + overhead);
  hit.reset();
  EXPECT_EQ(level.stats().in_use_bytes, 0u);
}

TEST(Level, TellsOfEvictionsAndOfNothingElse) {
  const auto budget = Budget::make({.bytes_max = 2 * (100 + overhead), .policy = PolicyKind::lru});
  Level first(budget), second(budget);
  std::vector<Key> evicted;
  first.on_eviction([&](const Key& key) { evicted.push_back(key); });
  first.insert(key_of(1), value_of(100), 1);
  first.insert(key_of(1), value_of(100), 2);
  first.insert(key_of(2), value_of(100), 1);
  first.erase(key_of(2));
  EXPECT_TRUE(evicted.empty()) << "what is replaced or erased is not evicted";
  first.insert(key_of(3), value_of(100), 1);
  second.insert(key_of(4), value_of(100), 1);
  EXPECT_EQ(evicted, std::vector{key_of(1)}) << "another level needed the room";
  budget->resize(0);
  EXPECT_EQ(evicted, (std::vector{key_of(1), key_of(3)})) << "and nothing of the other level";
}

TEST(Level, TellsOfAnEvictionWhenItIsDone) {
  const auto budget = Budget::make({.bytes_max = 100 + overhead, .policy = PolicyKind::lru});
  Level level(budget);
  std::uint64_t bytes_left = 1;
  level.on_eviction([&](const Key&) { bytes_left = budget->bytes(); });
  level.insert(key_of(1), value_of(100), 1);
  level.insert(key_of(2), value_of(100), 1);
  EXPECT_EQ(bytes_left, 0u) << "its bytes are not charged any more";
}

TEST(Level, ForEachShowsEveryEntry) {
  ManualClock clock;
  Level level(LevelOptions{.bytes_max = 1 << 20, .clock = &clock});
  for (int i = 0; i < 300; ++i)
    level.insert(key_of(i), value_of(100), {.cost_ms = double(i), .importance = 0.25F, .tenant = 7});
  level.find(key_of(17));
  clock.now = 5;
  const auto pin = level.pin(key_of(20));
  int seen = 0;
  double costs = 0;
  level.for_each([&](const EntryView& entry) {
    ++seen;
    costs += entry.cost_ms;
    EXPECT_EQ(entry.tenant, 7u);
    EXPECT_EQ(entry.bytes, 100 + overhead);
    EXPECT_EQ(entry.importance, 0.25F);
    EXPECT_EQ(entry.age_ms, 5);
    EXPECT_EQ(entry.value.size(), 100u);
    EXPECT_EQ(entry.hits, entry.key == key_of(17) ? 1u : 0u);
    EXPECT_EQ(entry.pinned, entry.key == key_of(20));
  });
  EXPECT_EQ(seen, 300);
  EXPECT_EQ(costs, 299 * 300 / 2);
}

TEST(Level, AcceptsTermsOutOfRange) {
  constexpr float no_number = std::numeric_limits<float>::quiet_NaN();
  for (const PolicyKind policy : all_policies()) {
    Level level(LevelOptions{.bytes_max = 2 * (100 + overhead), .policy = policy});
    EXPECT_FALSE(level.set_importance(key_of(1), 1));
    for (int i = 0; i < 10; ++i) {
      level.insert(key_of(i), value_of(100), {.cost_ms = i % 2 == 0 ? double{no_number} : -5, .importance = no_number});
      level.set_importance(key_of(i), no_number);
      level.find(key_of(i));
      EXPECT_FALSE(std::isnan(level.importance(key_of(i)).value_or(0)));
    }
    EXPECT_EQ(level.stats().saved_ms, 0);
  }
}

TEST(Level, KeepsHistogramsOfWhatItEvicts) {
  ManualClock clock;
  Level level(LevelOptions{.bytes_max = 1 << 20, .policy = PolicyKind::lru, .clock = &clock});
  level.insert(key_of(1), value_of(1), {.importance = 0.0F});
  level.insert(key_of(2), value_of(1), {.importance = 0.55F});
  level.insert(key_of(3), value_of(1), {.importance = 1.0F});
  clock.now = 3;
  level.resize(0);
  const LevelStats stats = level.stats();
  EXPECT_EQ(stats.importance_at_eviction, (std::array<std::uint64_t, 10>{1, 0, 0, 0, 0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(stats.age_at_eviction[2], 3u);  // from 2 to 4 ms
}

TEST(Level, ImportanceIsSetAndBounded) {
  Level level(1 << 20);
  EXPECT_FALSE(level.importance(key_of(1)));
  level.set_importance(key_of(1), 0.9F);  // there is no entry
  level.insert(key_of(1), value_of(1), {.importance = 7});
  EXPECT_EQ(level.importance(key_of(1)), 1.0F);
  level.set_importance(key_of(1), -1);
  EXPECT_EQ(level.importance(key_of(1)), 0.0F);
}

TEST(Level, GetOrComputeComputesOnceAndKnowsTheCost) {
  ManualClock clock;
  Level level(LevelOptions{.bytes_max = 1 << 20, .clock = &clock});
  int computed = 0;
  const auto compute = [&]() -> Result<Blob> {
    ++computed;
    clock.now = clock.now + 400;
    return Blob::copy_of("tokens");
  };
  EXPECT_EQ(level.get_or_compute(key_of(1), compute)->text(), "tokens");
  EXPECT_EQ(level.get_or_compute(key_of(1), compute)->text(), "tokens");
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(level.stats().saved_ms, 400);
}

TEST(Level, GetOrComputeStoresNoFailure) {
  Level level(1 << 20);
  const auto failed = level.get_or_compute(key_of(1), []() -> Result<Blob> { return fail(Fault::invalid, "Not so."); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "Not so.");
  EXPECT_THROW((void)level.get_or_compute(key_of(1), []() -> Result<Blob> { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(level.stats().entries, 0u);
  EXPECT_EQ(level.get_or_compute(key_of(1), []() -> Result<Blob> { return Blob::copy_of("now"); })->text(), "now");
}

}  // namespace
}  // namespace fovea
