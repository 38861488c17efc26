// What readers learn from real stores: that nothing is missing and nothing is told twice as held, whoever
// makes room and whenever reading begins.
#include "store/events/picture_events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <new>
#include <random>
#include <string>
#include <thread>

#include "store/level_stores.h"
#include "store/manual_clock.h"
#include "store/memory_store.h"

namespace fovea {
namespace {

const Key scope = KeyBuilder("scope").finish();
const Key alice = KeyBuilder("tenant").field("alice").finish();

Key entry(int number) { return KeyBuilder("entry").field(number).finish(); }
Key image(int number) { return KeyBuilder("image").field(number).finish(); }

Blob record(double cost_ms, RecordKind kind = RecordKind::embedding) {
  return encode_record({.kind = kind, .scope = scope, .cost_ms = cost_ms}, std::as_bytes(std::span("value")));
}

// What a reader knows who keeps the last event of each picture.
using Known = std::map<PictureKey, PictureHolding>;

void learn(Known& known, const PictureHolding& holding) {
  if (holding.entries > 0)
    known[holding.picture] = holding;
  else
    known.erase(holding.picture);
}

Known held(const PictureEvents& events) {
  Known known;
  std::optional<PictureKey> after;
  for (auto page = events.page(after, 7); !page.empty(); page = events.page(after, 7)) {
    for (const PictureHolding& holding : page) learn(known, holding);
    after = page.back().picture;
  }
  return known;
}

std::vector<PictureChange> changes(const PictureEvents::News& news) {
  std::vector<PictureChange> changes;
  for (const PictureEvent& event : news.events) changes.push_back(event.change);
  return changes;
}

class PictureEventsTest : public testing::Test {
 protected:
  static constexpr std::uint64_t entry_bytes =
      Level::entry_overhead_bytes + PurgeIndex::bytes_of(1) + record_header_bytes + sizeof("value");

  PictureEventsTest() {
    embeddings.tell(events);
    prefixes.tell(events);
  }

  bool store(int number, int of_image, double cost_ms = 5) {
    return embeddings.insert(entry(number), record(cost_ms), {.tenant = alice, .images = std::array{image(of_image)}});
  }

  test::ManualClock clock;
  PictureEvents events{{.events_max = 8, .kept_ms = 1000, .clock = &clock}};
  std::shared_ptr<Budget> budget = Budget::make({.bytes_max = 4 * entry_bytes, .policy = PolicyKind::lru});
  MemoryStore embeddings{RecordKind::embedding, budget}, prefixes{RecordKind::prefix, budget};
};

TEST_F(PictureEventsTest, RecordsNothingWhileNobodyReads) {
  store(1, 1);
  EXPECT_FALSE(events.recording());
  EXPECT_TRUE(held(events).empty());
}

TEST_F(PictureEventsTest, TheFirstReaderLearnsWhatIsHeldAlready) {
  store(1, 1);
  store(2, 1);
  store(3, 2);
  const auto reader = events.follow();
  const Known known = held(events);
  ASSERT_EQ(known.size(), 2u);
  EXPECT_EQ(known.at({RecordKind::embedding, scope, image(1)}).entries, 2u);
  EXPECT_EQ(known.at({RecordKind::embedding, scope, image(1)}).saves_us, 10'000u);
  EXPECT_EQ(known.at({RecordKind::embedding, scope, image(1)}).tenant, alice);
  EXPECT_TRUE(events.read(events.now(), 10).events.empty()) << "that is no news";
  EXPECT_EQ(embeddings.stats().hits + embeddings.stats().misses, 0u) << "nor a use of them";
}

// As of what is stored because of a near frame.
TEST_F(PictureEventsTest, AnImageThatOnlyAPurgeGoesByIsNotTold) {
  const auto put = [&](int number, std::uint32_t unnamed) {
    const RecordHeader header{.kind = RecordKind::prefix, .scope = scope, .shape = {1, 0, 0, unnamed}};
    prefixes.insert(entry(number), encode_record(header, std::as_bytes(std::span("v"))),
                    {.tenant = alice, .images = std::array{image(1), image(2)}});
  };
  const PictureKey first{RecordKind::prefix, scope, image(1)}, second{RecordKind::prefix, scope, image(2)};
  put(1, 1);
  const auto reader = events.follow();
  EXPECT_TRUE(held(events).contains(first));
  EXPECT_FALSE(held(events).contains(second)) << "of what was held already";
  put(2, 1);
  EXPECT_EQ(held(events).at(first).entries, 2u);
  EXPECT_FALSE(held(events).contains(second));
  put(3, 7);
  EXPECT_EQ(held(events).at(first).entries, 2u) << "more than there are are all";
  EXPECT_EQ(prefixes.purge(alice, image(2)), 3u);
  EXPECT_TRUE(held(events).empty());
}

TEST_F(PictureEventsTest, TellsWhatIsStoredEvictedAndPurged) {
  const auto reader = events.follow();
  const EventCursor start = events.now();
  store(1, 1);
  EXPECT_EQ(changes(events.read(start, 10)), std::vector{PictureChange::stored});
  embeddings.purge(alice, image(1));
  const auto purged = events.read(start, 10);
  EXPECT_EQ(changes(purged), (std::vector{PictureChange::stored, PictureChange::purged}));
  EXPECT_EQ(purged.events[1].holding.entries, 0u);
  for (int i = 1; i <= 4; ++i) store(i, i);
  const EventCursor full = events.now();
  prefixes.insert(entry(9), record(5, RecordKind::prefix), {.tenant = alice, .images = std::array{image(9)}});
  const auto evicted = events.read(full, 10);
  EXPECT_EQ(changes(evicted), (std::vector{PictureChange::evicted, PictureChange::stored}))
      << "a level made room for another";
  EXPECT_EQ(evicted.events[0].holding.picture, (PictureKey{RecordKind::embedding, scope, image(1)}));
  EXPECT_EQ(evicted.next, events.now());
  budget->resize(0);
  EXPECT_TRUE(held(events).empty());
}

TEST_F(PictureEventsTest, WhatIsNotOfAPictureIsNotTold) {
  const auto reader = events.follow();
  const EventCursor start = events.now();
  embeddings.insert(entry(1), record(5), {.tenant = alice, .images = {}});
  embeddings.erase(std::array{entry(1)});
  EXPECT_TRUE(events.read(start, 10).events.empty());
}

TEST_F(PictureEventsTest, ATileThatIsStoredForAnotherPictureChangesBoth) {
  const auto reader = events.follow();
  store(1, 1);
  const EventCursor before = events.now();
  store(1, 2);
  const auto news = events.read(before, 10);
  ASSERT_EQ(changes(news), (std::vector{PictureChange::evicted, PictureChange::stored}));
  EXPECT_EQ(news.events[0].holding.picture.image, image(1));
  EXPECT_EQ(news.events[1].holding.picture.image, image(2));
}

TEST_F(PictureEventsTest, AnEntryThatIsReplacedByNothingHasGone) {
  const auto reader = events.follow();
  store(1, 1);
  const Blob large = Blob::filled(16 * entry_bytes, [](std::span<std::byte> bytes) {
    seal_record({.kind = RecordKind::embedding, .scope = scope, .cost_ms = 5}, bytes);
  });
  const EventCursor before = events.now();
  EXPECT_FALSE(embeddings.insert(entry(1), large, {.tenant = alice, .images = std::array{image(1)}}));
  EXPECT_EQ(changes(events.read(before, 10)), std::vector{PictureChange::evicted});
}

TEST_F(PictureEventsTest, AReaderGoesOnWhereItWas) {
  auto reader = events.follow();
  store(1, 1);
  const EventCursor seen = events.now();
  reader.reset();
  store(2, 2);
  clock.pass(999);
  store(3, 3);
  reader = events.follow();
  const auto missed = events.read(seen, 10);
  EXPECT_FALSE(missed.broken);
  EXPECT_EQ(changes(missed), (std::vector{PictureChange::stored, PictureChange::stored}));
  EXPECT_EQ(missed.events[0].sequence, seen.sequence + 1);
}

TEST_F(PictureEventsTest, RecordingEndsWhenNobodyHasReadForLong) {
  auto reader = events.follow();
  store(1, 1);
  const EventCursor seen = events.now();
  reader.reset();
  clock.pass(1000);
  store(2, 2);
  EXPECT_FALSE(events.recording());
  EXPECT_TRUE(held(events).empty());
  reader = events.follow();
  const auto news = events.read(seen, 10);
  EXPECT_TRUE(news.broken);
  EXPECT_FALSE(news.lost) << "nobody knows";
  EXPECT_GT(events.now().recording, seen.recording);
  EXPECT_EQ(held(events).size(), 2u);
}

TEST_F(PictureEventsTest, AChangeThatCannotBeToldEndsTheRecording) {
  const auto reader = events.follow();
  store(1, 1);
  const EventCursor seen = events.now();
  std::jthread gives_up([&] { events.give_up(); });
  EXPECT_TRUE(events.wait(seen, {}, std::chrono::hours(1)));
  EXPECT_FALSE(events.recording());
  EXPECT_TRUE(events.read(seen, 10).broken);
  EXPECT_FALSE(events.read(seen, 10).lost) << "nobody knows";
  store(2, 2);
  const EventCursor start = events.begin_snapshot();
  EXPECT_GT(start.recording, seen.recording);
  EXPECT_EQ(held(events).size(), 2u);
  store(3, 3);
  EXPECT_EQ(changes(events.read(start, 10)), std::vector{PictureChange::stored});
  EXPECT_EQ(events.begin_snapshot(), events.now()) << "it goes on";
  EXPECT_EQ(events.now().recording, start.recording);
}

// Fails to tell what it holds, until it does not.
struct FailingSource final : PictureSource {
  void tell_entries() override {
    if (fails) throw std::bad_alloc();
  }
  bool fails = true;
};

TEST_F(PictureEventsTest, ARecordingThatCouldNotBeginBeginsWithTheNextReader) {
  FailingSource source;
  events.add(source);
  store(1, 1);
  EXPECT_THROW(events.follow(), std::bad_alloc);
  EXPECT_FALSE(events.recording());
  EXPECT_TRUE(held(events).empty());
  store(2, 2);
  source.fails = false;
  const auto reader = events.follow();
  EXPECT_TRUE(events.recording());
  EXPECT_EQ(held(events).size(), 2u);
}

TEST_F(PictureEventsTest, AReaderThatIsTooFarBehindIsTold) {
  const auto reader = events.follow();
  const EventCursor start = events.now();
  for (int i = 0; i < 12; ++i) store(1, 1);
  const auto news = events.read(start, 10);
  EXPECT_TRUE(news.broken);
  EXPECT_EQ(news.lost, 4u) << "eight are kept";
  EXPECT_TRUE(news.events.empty());
  EventCursor ahead = events.now();
  ++ahead.sequence;
  EXPECT_TRUE(events.read(ahead, 10).broken) << "of no recording there was";
  EXPECT_EQ(events.read({start.recording, 4}, 3).events.size(), 3u);
}

TEST_F(PictureEventsTest, WaitingEndsWithNewsInTimeOrWhenItIsStopped) {
  const auto reader = events.follow();
  const EventCursor start = events.now();
  EXPECT_FALSE(events.wait(start, {}, std::chrono::milliseconds(1)));
  std::stop_source stop;
  std::jthread stops([&] { stop.request_stop(); });
  EXPECT_FALSE(events.wait(start, stop.get_token(), std::chrono::hours(1)));
  std::jthread stores([&] { store(1, 1); });
  EXPECT_TRUE(events.wait(start, {}, std::chrono::hours(1)));
}

// The plain truth: what the levels have, one by one.
void add_held(Known& known, MemoryStore& store, RecordKind kind, const std::map<Key, int>& image_of) {
  store.level().for_each([&](const EntryView& view) {
    const PictureKey key{kind, scope, image(image_of.at(view.key))};
    PictureHolding& holding = known[key];
    const auto cost_us = static_cast<std::uint64_t>(view.cost_ms * 1000);
    holding.picture = key;
    holding.tenant = alice;
    ++holding.entries;
    holding.bytes += view.value.size();
    holding.saves_us = kind == RecordKind::embedding ? holding.saves_us + cost_us : std::max(holding.saves_us, cost_us);
  });
}

TEST(PictureEventsModel, AReaderKnowsWhatIsHeldWhoeverMakesRoom) {
  constexpr int entries = 200, images = 20, steps = 4000;
  PictureEvents events({.events_max = 1 << 16});
  const auto budget = Budget::make({.bytes_max = std::uint64_t{60} << 10, .policy = PolicyKind::value});
  MemoryStore embeddings(RecordKind::embedding, budget), prefixes(RecordKind::prefix, budget);
  embeddings.tell(events);
  prefixes.tell(events);
  std::map<Key, int> image_of;
  for (int i = 0; i < 2 * entries; ++i) image_of[entry(i)] = i % images;
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));

  const auto change = [&](MemoryStore& store, RecordKind kind, int first, unsigned own_seed) {
    std::mt19937 random(own_seed);
    for (int step = 0; step < steps; ++step) {
      const int number = first + static_cast<int>(random() % entries);
      const std::array of{image(number % images)};
      if (random() % 16 == 0)
        store.erase(std::array{entry(number)});
      else
        store.insert(entry(number), record(1 + static_cast<double>(random() % 100), kind),
                     {.tenant = alice, .images = of});
    }
  };
  Known known;
  PictureEvents::Reader reader;
  EventCursor cursor;
  {
    std::jthread first([&] { change(embeddings, RecordKind::embedding, 0, seed); });
    std::jthread second([&] { change(prefixes, RecordKind::prefix, entries, seed + 1); });
    reader = events.follow();  // in the middle of it
    cursor = events.now();
    known = held(events);
  }
  for (auto news = events.read(cursor, 100); !news.events.empty(); news = events.read(cursor, 100)) {
    for (const PictureEvent& event : news.events) learn(known, event.holding);
    cursor = news.next;
  }
  Known truth;
  add_held(truth, embeddings, RecordKind::embedding, image_of);
  add_held(truth, prefixes, RecordKind::prefix, image_of);
  EXPECT_GT(embeddings.stats().evictions + prefixes.stats().evictions, 0u);
  EXPECT_FALSE(events.read(cursor, 1).broken);
  EXPECT_EQ(known, truth);
  EXPECT_EQ(held(events), truth);
}

}  // namespace
}  // namespace fovea
