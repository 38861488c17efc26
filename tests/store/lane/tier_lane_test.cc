#include "store/lane/tier_lane.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/entries.h"
#include "store/faulty_tier.h"
#include "store/manual_clock.h"

namespace fovea {
namespace {

using namespace test;  // the entries and the tier
using std::chrono::steady_clock;
using Call = FaultyTier::Call;

constexpr RecordKind kind = RecordKind::prefix;

TierEntry costing(double cost_ms, int number, std::string_view text = "x") {
  return {key(number), alice, {}, record(text, cost_ms)};
}

// Longer than a test lasts.
steady_clock::time_point later() { return steady_clock::now() + std::chrono::hours(1); }

class TierLaneTest : public testing::Test {
 protected:
  void TearDown() override {
    tier->before_insert.open();
    tier->after_insert.open();
  }

  static TierLaneOptions options(TierLaneTest& test) {
    return {.transfer = {.wait_ms = 0.3, .bytes_per_ms = 400'000},
            .write_behind = {},
            .breaker = {.failures_max = 2, .wait_min_ms = 100, .wait_max_ms = 1000},
            .clock = &test.clock,
            .tell = [&test](std::string_view sentence) {
              const std::lock_guard lock(test.mutex);
              test.told.emplace_back(sentence);
            }};
  }

  // Offers the entry and waits until it is in the tier.
  void store(TierEntry entry, RecordKind of = kind) {
    ASSERT_TRUE(lane.offer(of, std::move(entry)));
    ASSERT_TRUE(lane.flush(later()));
  }
  // The text under a key; "" on a miss.
  std::string find(int number, const WaitLimits& limits = {}) {
    const auto found = lane.find_many(kind, std::array{key(number)}, scope, limits);
    EXPECT_EQ(found.size(), 1u);
    return found[0] ? std::string(found[0]->record.payload.text()) : "";
  }
  TierUse use(RecordKind of = kind) const { return lane.stats().use[static_cast<std::size_t>(of) - 1]; }
  // Fails look-ups until the breaker is open.
  void break_reading() {
    tier->fail(Call::find, Fault::unavailable, 2);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(find(1), "");
    ASSERT_EQ(lane.stats().reading, BreakerState::open);
  }

  ManualClock clock;
  std::mutex mutex;
  std::vector<std::string> told;
  FaultyTier* const tier = new FaultyTier(TierKind::disk, &clock);  // the lane's
  TierLane lane{std::unique_ptr<Tier>(tier), options(*this)};
};

// A slow tier is not asked for values that are known to be cheap, before any of them was seen.
TEST_F(TierLaneTest, BeginsWithWhatIsExpected) {
  TierLaneOptions told_before = options(*this);
  told_before.transfer = {.wait_ms = 5, .bytes_per_ms = 1000};
  told_before.expected[static_cast<std::size_t>(kind) - 1] = {.cost_ms = 4, .bytes = 100};
  TierLane other(std::make_unique<FaultyTier>(), std::move(told_before));
  EXPECT_FALSE(other.find_many(kind, std::array{key(1)}, scope, {})[0]);
  EXPECT_FALSE(other.find_many(RecordKind::response, std::array{key(1)}, scope, {})[0]);
  const auto uses = other.stats().use;
  EXPECT_EQ(uses[static_cast<std::size_t>(kind) - 1].skipped, 1u);
  EXPECT_EQ(uses[static_cast<std::size_t>(RecordKind::response) - 1].misses, 1u) << "nothing is known of these";
}

TEST_F(TierLaneTest, FindsWhatItWasOffered) {
  store(entry(1, "one"));
  store(entry(3, "three"));
  const auto found = lane.find_many(kind, std::array{key(3), key(2), key(1)}, scope, {});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0]->record.payload.text(), "three");
  EXPECT_FALSE(found[1]);
  EXPECT_EQ(found[2]->record.payload.text(), "one");
  EXPECT_EQ(found[2]->entry.tenant, alice);
  EXPECT_EQ(use().hits, 2u);
  EXPECT_EQ(use().misses, 1u);
  EXPECT_EQ(use().hit_bytes, 2 * record_header_bytes + 8);
  EXPECT_EQ(use().saved_ms, 2 * costly_ms);
  EXPECT_EQ(use().written, 2u);
  EXPECT_EQ(use().written_bytes, 2 * record_header_bytes + 8);
  EXPECT_EQ(use().content.entries, 2u);
  EXPECT_EQ(use(RecordKind::response).hits, 0u);
  EXPECT_EQ(tier->calls(Call::find), 1) << "one round trip";
}

TEST_F(TierLaneTest, FindsTheLastThatIsThere) {
  store(entry(1, "short"));
  store(entry(2, "long"));
  const auto last = lane.find_last(kind, std::array{key(1), key(2), key(3)}, scope, {});
  ASSERT_TRUE(last);
  EXPECT_EQ(last->index, 1u);
  EXPECT_EQ(last->hit.record.payload.text(), "long");
  EXPECT_FALSE(lane.find_last(kind, std::array{key(3), key(4)}, scope, {}));
  EXPECT_EQ(use().hits, 1u);
  EXPECT_EQ(use().misses, 1u);
}

TEST_F(TierLaneTest, NobodyIsAskedForNothing) {
  EXPECT_TRUE(lane.find_many(kind, {}, scope, {}).empty());
  EXPECT_FALSE(lane.find_last(kind, {}, scope, {}));
  EXPECT_EQ(tier->calls(Call::find), 0);
}

TEST_F(TierLaneTest, WhatIsSoonerMadeAgainThanReadIsNotWritten) {
  EXPECT_FALSE(lane.offer(kind, costing(0.2, 1)));
  EXPECT_TRUE(lane.offer(kind, costing(0.4, 2)));
  ASSERT_TRUE(lane.flush(later()));
  EXPECT_EQ(use().not_worth, 1u);
  EXPECT_EQ(use().written, 1u);
  EXPECT_EQ(tier->calls(Call::insert), 1);
}

TEST_F(TierLaneTest, ALargeValueHasToCostMore) {
  const std::string large(4'000'000, 'x');  // 10 ms at the rate that is assumed
  EXPECT_FALSE(lane.offer(kind, costing(9, 1, large)));
  EXPECT_TRUE(lane.offer(kind, costing(12, 2, large)));
}

TEST_F(TierLaneTest, WhatIsNoEntryIsNotTaken) {
  EXPECT_FALSE(lane.offer(kind, {key(1), alice, {}, Blob::copy_of("no record")}));
  EXPECT_FALSE(lane.offer(kind, entry(1, "x", alice, std::vector(entry_images_max + 1, red))));
  EXPECT_TRUE(lane.offer(kind, entry(1, "x", alice, std::vector(entry_images_max, red))));
}

TEST_F(TierLaneTest, ATierThatIsSlowerThanWhatItSavesIsAskedNowAndThenUntilItIsFaster) {
  store(costing(10, 1));
  tier->takes_ms(50);
  const auto asked = [&](int look_ups) {
    const int before = tier->calls(Call::find);
    for (int i = 0; i < look_ups; ++i) find(1);
    return tier->calls(Call::find) - before;
  };
  EXPECT_LT(asked(20), 10) << "it learns that it takes too long";
  EXPECT_EQ(asked(640), 10);
  EXPECT_GT(use().skipped, 600u);
  tier->takes_ms(1);
  asked(64 * 100);
  EXPECT_EQ(asked(20), 20) << "it was noticed";
  EXPECT_EQ(lane.stats().times_opened, 0u);
}

// Half of what a hit saves, between 5 ms and 2 s.
TEST_F(TierLaneTest, ALookUpIsBoundedByHalfOfWhatAHitSaves) {
  using Ms = std::chrono::milliseconds;
  const auto expect_bound = [&](Ms bound) {
    const auto before = steady_clock::now();
    find(1);
    ASSERT_TRUE(tier->deadline());
    EXPECT_GE(*tier->deadline(), before + bound) << bound;
    EXPECT_LE(*tier->deadline(), steady_clock::now() + bound) << bound;
  };
  expect_bound(Ms(250));  // nothing is known yet
  lane.offer(kind, costing(100, 1));
  expect_bound(Ms(50));
  lane.offer(RecordKind::response, costing(100, 1));
  for (int i = 0; i < 200; ++i) lane.offer(kind, costing(1, 1));
  expect_bound(Ms(5));
  for (int i = 0; i < 200; ++i) lane.offer(kind, costing(costly_ms, 1));
  expect_bound(Ms(2000));
}

TEST_F(TierLaneTest, ACallersOwnDeadlineHoldsWhereItIsSooner) {
  const auto soon = steady_clock::now() + std::chrono::milliseconds(1);
  find(1, {.stop = {}, .deadline = soon});
  EXPECT_EQ(tier->deadline(), soon);
  find(1, {.stop = {}, .deadline = later()});
  EXPECT_LT(*tier->deadline(), later() - std::chrono::minutes(59));
}

TEST_F(TierLaneTest, ATierThatHangsCostsTheBoundTwiceAndIsLeftAlone) {
  store(costing(10, 1, "one"));
  ASSERT_EQ(find(1), "one");
  tier->hang();
  EXPECT_EQ(find(1), "");
  EXPECT_FALSE(lane.find_last(kind, std::array{key(1)}, scope, {}));
  EXPECT_EQ(use().failed, 2u);
  EXPECT_EQ(lane.stats().reading, BreakerState::open);
  const int calls = tier->calls(Call::find);
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(tier->calls(Call::find), calls);
  EXPECT_EQ(use().skipped, 1u);
  tier->work();
  clock.pass(100);
  EXPECT_EQ(find(1), "one");
}

TEST_F(TierLaneTest, ATierThatFailsIsLeftAloneAndTriedAgainAndBothAreToldOnce) {
  store(entry(1, "one"));
  tier->fail(Call::find, Fault::unavailable);
  EXPECT_EQ(find(1), "");
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(find(1), "");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0], "the disk tier cannot be read and is left alone for now: the tier was told to fail");
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(tier->calls(Call::find), 2);

  clock.pass(100);
  EXPECT_EQ(find(1), "") << "it was tried, and fails";
  EXPECT_EQ(tier->calls(Call::find), 3);
  EXPECT_EQ(told.size(), 1u);
  EXPECT_EQ(lane.stats().times_opened, 2u);

  tier->work();
  clock.pass(200);
  EXPECT_EQ(find(1), "one");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1], "the disk tier can be read again");
  EXPECT_EQ(lane.stats().reading, BreakerState::closed);
  EXPECT_EQ(use().failed, 3u);
  EXPECT_EQ(use().skipped, 1u);
}

TEST_F(TierLaneTest, ACallThatWasStoppedOrRefusedSaysNothingOfTheTier) {
  store(entry(1, "one"));
  for (const Fault fault : {Fault::cancelled, Fault::unsupported, Fault::too_large}) {
    tier->fail(Call::find, fault, 5);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(find(1), "");
    EXPECT_EQ(find(1), "one") << to_string(fault);
  }
  std::stop_source stop;
  stop.request_stop();
  tier->hang();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(find(1, {.stop = stop.get_token(), .deadline = {}}), "");
  tier->work();
  EXPECT_EQ(find(1), "one");
  EXPECT_EQ(lane.stats().times_opened, 0u);
}

TEST_F(TierLaneTest, ATryThatIsStoppedLeavesItToTheNext) {
  store(entry(1, "one"));
  break_reading();
  clock.pass(100);
  tier->fail(Call::find, Fault::cancelled, 1);
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(1), "one");
}

TEST_F(TierLaneTest, ATierThatCannotBeWrittenCanStillBeRead) {
  store(entry(1, "one"));
  tier->fail(Call::insert, Fault::unavailable);
  for (int i = 2; i < 6; ++i) EXPECT_TRUE(lane.offer(kind, entry(i, "x")));
  ASSERT_TRUE(lane.flush(later()));
  EXPECT_EQ(tier->calls(Call::insert), 3) << "then it was left alone";
  EXPECT_EQ(use().write_failed, 4u);
  EXPECT_EQ(lane.stats().writing, BreakerState::open);
  EXPECT_EQ(lane.stats().reading, BreakerState::closed);
  EXPECT_EQ(find(1), "one");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0], "the disk tier cannot be written and is left alone for now: the tier was told to fail");

  tier->work();
  clock.pass(100);
  store(entry(7, "seven"));
  EXPECT_EQ(find(7), "seven");
  EXPECT_EQ(told.back(), "the disk tier can be written again");
}

TEST_F(TierLaneTest, WhatIsTooLargeForTheTierIsCountedAndNoFaultOfIt) {
  tier->fail(Call::insert, Fault::too_large, 5);
  for (int i = 0; i < 5; ++i) lane.offer(kind, entry(i, "x"));
  ASSERT_TRUE(lane.flush(later()));
  EXPECT_EQ(use().write_failed, 5u);
  EXPECT_EQ(lane.stats().writing, BreakerState::closed);
}

TEST_F(TierLaneTest, ARecordOfAnotherScopeIsAMiss) {
  store({key(1), alice, {}, record("secret", costly_ms, kind, elsewhere)});
  EXPECT_EQ(find(1), "");
  EXPECT_FALSE(lane.find_last(kind, std::array{key(1)}, scope, {}));
  EXPECT_EQ(use().hits, 0u);
  EXPECT_EQ(use().misses, 2u);
  EXPECT_TRUE(tier->holds(kind, key(1))) << "it is sound, and somebody else's";
}

TEST_F(TierLaneTest, WhatDoesNotProveItselfIsAMissAndCounted) {
  const auto doubtful = [&](RecordFault fault) { return lane.stats().doubtful[static_cast<std::size_t>(fault)]; };
  for (int i = 1; i <= 4; ++i) store(entry(i, "text"));
  store({key(1), alice, {}, record("answer", costly_ms, RecordKind::response)}, RecordKind::response);
  ASSERT_TRUE(tier->flip(kind, key(1), 1000));
  ASSERT_TRUE(tier->cut(kind, key(2), record_header_bytes + 1));
  ASSERT_TRUE(tier->give(kind, key(3), kind, key(4)));
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(2), "");
  EXPECT_EQ(find(3), "");
  ASSERT_TRUE(tier->give(kind, key(1), RecordKind::response, key(1)));
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(4), "text");
  EXPECT_EQ(doubtful(RecordFault::wrong_checksum), 1u);
  EXPECT_EQ(doubtful(RecordFault::wrong_length), 1u);
  EXPECT_EQ(doubtful(RecordFault::wrong_key), 1u);
  EXPECT_EQ(doubtful(RecordFault::wrong_kind), 1u);
  EXPECT_FALSE(tier->holds(kind, key(1))) << "removed";
}

TEST_F(TierLaneTest, PurgesAndErasesReachTheTier) {
  store(entry(1, "a", alice, {red}));
  store(entry(2, "b", alice, {blue}));
  store(entry(3, "c", bob, {red}));
  lane.purge({.tenant = alice, .image = red});
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(2), "b");
  lane.purge({.tenant = alice, .image = {}});
  EXPECT_EQ(find(2), "");
  EXPECT_EQ(find(3), "c");
  lane.erase(kind, std::array{key(3), key(4)});
  EXPECT_EQ(find(3), "");
  EXPECT_FALSE(tier->holds(kind, key(3)));
}

TEST_F(TierLaneTest, WhatIsPurgedOrErasedInTheQueueIsNotWritten) {
  tier->before_insert.close();
  lane.offer(kind, entry(0, "x", bob));
  tier->before_insert.wait_for(1);
  lane.offer(kind, entry(1, "x", alice));
  lane.offer(kind, entry(2, "x", bob));
  lane.purge({.tenant = alice, .image = {}});
  lane.erase(kind, std::array{key(2)});
  tier->before_insert.open();
  ASSERT_TRUE(lane.flush(later()));
  EXPECT_EQ(tier->calls(Call::insert), 1);
  EXPECT_FALSE(tier->holds(kind, key(1)));
  EXPECT_FALSE(tier->holds(kind, key(2)));
}

// The tier stores it after the purge, and so with the generation of after the purge.
TEST_F(TierLaneTest, WhatIsPurgedWhileItIsWrittenIsNotFoundFromThenOn) {
  tier->before_insert.close();
  tier->after_insert.close();
  lane.offer(kind, entry(1, "purged"));
  tier->before_insert.wait_for(1);
  lane.purge({.tenant = alice, .image = {}});
  tier->before_insert.open();
  tier->after_insert.wait_for(1);
  ASSERT_TRUE(tier->holds(kind, key(1)));
  EXPECT_EQ(find(1), "");
  EXPECT_FALSE(lane.find_last(kind, std::array{key(1)}, scope, {}));
  tier->after_insert.open();
  ASSERT_TRUE(lane.flush(later()));
  EXPECT_FALSE(tier->holds(kind, key(1))) << "it was removed behind its write";
  EXPECT_EQ(find(1), "");
}

TEST_F(TierLaneTest, ANewerEntryOfAKeyThatIsRemovedBehindItsWriteIsWritten) {
  tier->before_insert.close();
  lane.offer(kind, entry(1, "old"));
  tier->before_insert.wait_for(1);
  lane.purge({.tenant = alice, .image = {}});
  lane.offer(kind, entry(1, "new"));
  tier->before_insert.open();
  ASSERT_TRUE(lane.flush(later()));
  EXPECT_EQ(find(1), "new");
}

TEST_F(TierLaneTest, WhatCouldNotBeRemovedBehindItsWriteIsNotFoundAndIsRemovedLater) {
  tier->before_insert.close();
  lane.offer(kind, entry(1, "purged"));
  tier->before_insert.wait_for(1);
  lane.purge({.tenant = alice, .image = {}});
  tier->fail(Call::erase, Fault::unavailable, 1);
  tier->before_insert.open();
  store(entry(2, "two"));  // before which it is tried again
  EXPECT_FALSE(tier->holds(kind, key(1)));
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(2), "two");
}

TEST_F(TierLaneTest, ATierThatFailsDuringAPurgeDoesNotGiveOutWhatWasPurged) {
  store(entry(1, "a", alice, {red}));
  store(entry(2, "b", alice, {blue}));
  store(entry(3, "c", bob, {red}));
  tier->fail(Call::purge, Fault::unavailable);
  lane.purge({.tenant = alice, .image = red});
  EXPECT_EQ(find(1), "");
  EXPECT_FALSE(lane.find_last(kind, std::array{key(1)}, scope, {}));
  EXPECT_EQ(find(2), "b");
  lane.purge({.tenant = bob, .image = {}});
  EXPECT_EQ(find(3), "");
  EXPECT_TRUE(tier->holds(kind, key(1))) << "it has them still";
  EXPECT_TRUE(tier->holds(kind, key(3)));

  tier->work();
  clock.pass(100);
  tier->after_insert.close();
  ASSERT_TRUE(lane.offer(kind, entry(4, "d", alice)));
  tier->after_insert.wait_for(1);
  EXPECT_EQ(tier->calls(Call::purge), 4) << "before the write that follows";
  tier->after_insert.open();
  ASSERT_TRUE(lane.flush(later()));
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(3), "");
  EXPECT_FALSE(tier->holds(kind, key(1))) << "the tier itself does not believe them any more";
  EXPECT_EQ(find(2), "b");
  store(entry(1, "new", alice, {red}));
  EXPECT_EQ(find(1), "new") << "what is stored afterwards is found";
}

TEST_F(TierLaneTest, WhatTheTierDidNotEraseIsErasedLater) {
  store(entry(1, "one"));
  tier->fail(Call::erase, Fault::unavailable, 1);
  lane.erase(kind, std::array{key(1)});
  EXPECT_TRUE(tier->holds(kind, key(1)));
  EXPECT_EQ(find(1), "");
  store(entry(2, "two"));
  EXPECT_FALSE(tier->holds(kind, key(1)));
}

// Or a restart would bring it back.
TEST_F(TierLaneTest, TooManyRemovalsThatWaitPurgeEverything) {
  store(entry(1, "another's", bob));
  store(entry(2, "purged", alice));
  tier->fail(Call::purge, Fault::unavailable);
  lane.purge({.tenant = alice, .image = {}});
  for (std::size_t i = 0; i < PendingRemovals::removals_max; ++i)
    lane.purge({.tenant = KeyBuilder("tenant").field(static_cast<std::uint64_t>(i)).finish(), .image = {}});
  EXPECT_EQ(find(1), "") << "it is among what is to be removed";
  tier->work();
  clock.pass(10'000);
  EXPECT_FALSE(lane.has_removed_all());
  lane.retry_removals();
  EXPECT_TRUE(lane.has_removed_all());
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(2), "");
  store(entry(3, "new", alice));
  EXPECT_EQ(find(3), "new") << "the tier is believed again";
}

TEST_F(TierLaneTest, PurgesOfManyLabelsAreOneCall) {
  store(entry(1, "one", alice));
  store(entry(2, "two", bob));
  const PurgeLabel labels[] = {{.tenant = alice, .image = {}}, {.tenant = bob, .image = red}};
  tier->fail(Call::purge, Fault::unavailable, 1);
  lane.purge(labels);
  EXPECT_EQ(tier->calls(Call::purge), 1);
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(2), "two");
  EXPECT_TRUE(lane.flush(later()));
  EXPECT_TRUE(lane.has_removed_all());
  EXPECT_EQ(find(1), "");
}

TEST_F(TierLaneTest, FlushTriesOnceMoreWhatWasNotRemoved) {
  store(entry(1, "one"));
  tier->fail(Call::purge, Fault::unavailable, 1);
  lane.purge({.tenant = alice, .image = {}});
  EXPECT_EQ(tier->calls(Call::purge), 1);
  EXPECT_EQ(lane.stats().removals_pending, 1u);
  EXPECT_TRUE(lane.flush(later()));
  EXPECT_EQ(tier->calls(Call::purge), 2);
  EXPECT_EQ(lane.stats().removals_pending, 0u);
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(lane.stats().doubtful[static_cast<std::size_t>(RecordFault::purged)], 1u);
}

TEST_F(TierLaneTest, ATierThatIsNotWrittenToIsPurgedInThisProcessAlone) {
  store(entry(1, "one"));
  tier->fail(Call::purge, Fault::unsupported);
  lane.purge({.tenant = alice, .image = {}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(lane.flush(later()));
    EXPECT_EQ(find(1), "");
  }
  EXPECT_TRUE(told.empty());
}

// The tier works again between the look-up's finding an entry and its return.
TEST_F(TierLaneTest, ALookUpGoesByWhatWasPendingWhenItBegan) {
  store(entry(1, "purged"));
  tier->fail(Call::purge, Fault::unavailable, 1);
  lane.purge({.tenant = alice, .image = {}});
  Gate& found = tier->found(key(1));
  found.close();
  std::string text = "?";
  {
    const std::jthread looking([&] { text = find(1); });
    found.wait_for(1);
    EXPECT_TRUE(lane.flush(later()));
    EXPECT_EQ(tier->calls(Call::purge), 2) << "nothing is pending any more";
    found.open();
  }
  EXPECT_EQ(text, "");
}

TEST_F(TierLaneTest, WhatDoesNotFitIntoTheQueueIsDropped) {
  auto owned = std::make_unique<FaultyTier>();
  FaultyTier& held = *owned;
  TierLaneOptions tight = options(*this);
  tight.write_behind.entries_max = 1;
  TierLane narrow(std::move(owned), tight);
  held.before_insert.close();
  EXPECT_TRUE(narrow.offer(kind, entry(1, "x")));
  held.before_insert.wait_for(1);
  EXPECT_TRUE(narrow.offer(kind, entry(2, "x")));
  EXPECT_FALSE(narrow.offer(kind, entry(3, "x")));
  EXPECT_FALSE(narrow.flush(steady_clock::now()));
  EXPECT_EQ(narrow.stats().write_behind.dropped, 1u);
  EXPECT_EQ(narrow.stats().write_behind.entries, 2u);
  held.before_insert.open();
  EXPECT_TRUE(narrow.flush(later()));
}

TEST_F(TierLaneTest, TellsTheLastFaultOfATier) {
  EXPECT_EQ(lane.stats().last_fault, "");
  tier->fail(Call::find, Fault::unavailable, 1);
  find(1);
  const TierStats stats = lane.stats();
  EXPECT_NE(stats.last_fault, "");
  EXPECT_GT(stats.last_fault_unix_ms, 0);
  find(1);
  EXPECT_EQ(lane.stats().last_fault_unix_ms, stats.last_fault_unix_ms) << "what works is none";
  tier->fail(Call::insert, Fault::too_large, 1);
  store(entry(2, "two"));
  EXPECT_EQ(lane.stats().last_fault_unix_ms, stats.last_fault_unix_ms) << "what was asked was wrong, not the tier";
}

TEST_F(TierLaneTest, WaitsUntilWhatItTookIsWritten) {
  ASSERT_TRUE(lane.offer(kind, entry(1, "one")));
  EXPECT_TRUE(lane.wait_until_written(later()));
  EXPECT_EQ(find(1), "one");
}

TEST_F(TierLaneTest, AFileSavesNoComputing) {
  store({key(1), alice, {}, record("picture", costly_ms, RecordKind::file)}, RecordKind::file);
  const auto found = lane.find_many(RecordKind::file, std::array{key(1)}, scope, {});
  ASSERT_TRUE(found[0]);
  EXPECT_EQ(use(RecordKind::file).hits, 1u);
  EXPECT_EQ(use(RecordKind::file).saved_ms, 0);
}

TEST(TierLane, StatsOfNoTiersAreNone) {
  EXPECT_TRUE(stats_of(nullptr).empty());
  Tiers tiers;
  tiers.push_back(std::make_unique<TierLane>(std::make_unique<FaultyTier>(TierKind::disk), TierLaneOptions{}));
  tiers.push_back(std::make_unique<TierLane>(std::make_unique<FaultyTier>(TierKind::shared), TierLaneOptions{}));
  const auto stats = stats_of(&tiers);
  ASSERT_EQ(stats.size(), 2u);
  EXPECT_EQ(stats[0].kind, TierKind::disk);
  EXPECT_EQ(stats[1].kind, TierKind::shared);
}

// Look-ups, writes and purges by many threads, while the tier fails and works again.
TEST_F(TierLaneTest, ManyUseItAtOnce) {
  std::vector<std::jthread> users;
  for (int thread = 0; thread < 6; ++thread) {
    users.emplace_back([&, thread] {
      for (int i = 0; i < 200; ++i) {
        const int number = (i * 7 + thread) % 20;
        lane.offer(kind, entry(number, std::to_string(number), number % 2 == 0 ? alice : bob, {red}));
        const auto text = find(number);
        EXPECT_TRUE(text.empty() || text == std::to_string(number)) << text;
        if (i % 40 == 0) lane.purge({.tenant = alice, .image = red});
        if (i % 30 == 0) lane.erase(kind, std::array{key(number)});
        if (thread == 0 && i % 20 == 0) tier->fail(static_cast<Call>(i / 20 % 4), Fault::unavailable, 3);
        if (thread == 1) clock.pass(10);
        if (i % 50 == 0) lane.stats();
      }
    });
  }
  users.clear();
  tier->work();
  clock.pass(10'000);
  EXPECT_TRUE(lane.flush(later()));
}

}  // namespace
}  // namespace fovea
