#include "store/tiered_store.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/entries.h"
#include "store/faulty_tier.h"

namespace fovea {
namespace {

using namespace test;  // the entries and the tiers
using std::chrono::steady_clock;
using Call = FaultyTier::Call;

constexpr RecordKind kind = RecordKind::prefix;

// Longer than a test lasts.
steady_clock::time_point later() { return steady_clock::now() + std::chrono::hours(1); }

class TieredStoreTest : public testing::Test {
 protected:
  // Adds a tier behind those that there are. The tiers own it.
  FaultyTier& add_tier(TierKind tier_kind) {
    auto added = std::make_unique<FaultyTier>(tier_kind);
    FaultyTier& tier = *added;
    tiers.push_back(std::make_unique<TierLane>(std::move(added), TierLaneOptions{}));
    return tier;
  }
  void flush() {
    for (const auto& tier : tiers) ASSERT_TRUE(tier->flush(later()));
  }
  void insert(int number, std::string_view text, const Key& tenant = alice, std::vector<Key> images = {}) {
    ASSERT_TRUE(store.insert(key(number), record(text), {tenant, images}));
    flush();
  }
  // As after a restart: what was inserted is in the tiers alone.
  void empty_memory() {
    for (const Key& tenant : {alice, bob}) memory.purge(tenant);
    ASSERT_EQ(memory.stats().entries, 0u);
  }
  static std::string text_of(const std::optional<Record>& found) {
    return found ? std::string(found->payload.text()) : "";
  }
  std::string find(int number) { return text_of(store.find(key(number), scope)); }

  static constexpr std::uint64_t memory_bytes = 1 << 20;
  Tiers tiers;
  FaultyTier& disk = add_tier(TierKind::disk);
  std::unique_ptr<MemoryStore> owned = std::make_unique<MemoryStore>(kind, LevelOptions{.bytes_max = memory_bytes});
  MemoryStore& memory = *owned;  // the store's
  TieredStore store{kind, std::move(owned), tiers};
};

TEST_F(TieredStoreTest, MemoryIsAskedFirst) {
  insert(1, "one");
  const auto found = store.find(key(1), scope);
  EXPECT_EQ(text_of(found), "one");
  EXPECT_EQ(found->found_in, TierKind::memory);
  EXPECT_EQ(disk.calls(Call::find), 0);
  EXPECT_EQ(disk.calls(Call::insert), 1) << "and the tier has it too";
}

TEST_F(TieredStoreTest, WhatIsPrefetchedIsInMemoryAndWasNoLookUp) {
  insert(1, "one");
  insert(2, "two");
  empty_memory();
  insert(3, "three");  // in memory
  const LevelStats before = store.stats();
  const std::array keys{key(1), key(3), key(2), key(4)};
  const auto bytes = store.prefetch(keys, scope);
  EXPECT_EQ(bytes, (std::vector<std::uint64_t>{record_header_bytes + 3, 0, record_header_bytes + 3, 0}));
  EXPECT_TRUE(store.contains(key(1)) && store.contains(key(2)));
  EXPECT_FALSE(store.contains(key(4)));
  EXPECT_EQ(store.stats().hits, before.hits);
  EXPECT_EQ(store.stats().misses, before.misses);
  EXPECT_EQ(disk.calls(Call::find), 1) << "one round trip";
  EXPECT_EQ(store.find(key(1), scope)->found_in, TierKind::memory);
}

TEST_F(TieredStoreTest, OfAnotherScopeNothingIsPrefetched) {
  insert(1, "one");
  empty_memory();
  EXPECT_EQ(store.prefetch(std::array{key(1)}, elsewhere), std::vector<std::uint64_t>{0});
  EXPECT_FALSE(store.contains(key(1)));
}

TEST_F(TieredStoreTest, WhatATierHasIsKeptInMemoryFromThenOn) {
  insert(1, "one");
  empty_memory();
  EXPECT_FALSE(store.contains(key(1)));
  const auto found = store.find(key(1), scope);
  EXPECT_EQ(text_of(found), "one");
  EXPECT_EQ(found->found_in, TierKind::disk);
  EXPECT_TRUE(store.contains(key(1)));
  const auto again = store.find(key(1), scope);
  EXPECT_EQ(text_of(again), "one");
  EXPECT_EQ(again->found_in, TierKind::memory);
  EXPECT_EQ(disk.calls(Call::find), 1);
  flush();
  EXPECT_EQ(disk.calls(Call::insert), 1) << "the tier that has it is not written again";
}

TEST_F(TieredStoreTest, WhatNobodyHasIsAMiss) {
  EXPECT_EQ(find(1), "");
  EXPECT_FALSE(store.find_longest(std::array{key(1), key(2)}, 1, scope));
  EXPECT_EQ(disk.calls(Call::find), 2);
}

TEST_F(TieredStoreTest, WhatAFarTierHasIsKeptInTheNearerOnes) {
  FaultyTier& shared = add_tier(TierKind::shared);
  insert(1, "one");
  ASSERT_TRUE(disk.lose(kind, key(1)));
  empty_memory();
  const auto found = store.find(key(1), scope);
  EXPECT_EQ(text_of(found), "one");
  EXPECT_EQ(found->found_in, TierKind::shared);
  flush();
  EXPECT_TRUE(disk.holds(kind, key(1)));
  EXPECT_EQ(shared.calls(Call::insert), 1);
  empty_memory();
  EXPECT_EQ(store.find(key(1), scope)->found_in, TierKind::disk);
  EXPECT_EQ(shared.calls(Call::find), 1);
}

TEST_F(TieredStoreTest, AFailingTierIsPassedBy) {
  FaultyTier& shared = add_tier(TierKind::shared);
  insert(1, "one");
  empty_memory();
  disk.fail(Call::find, Fault::unavailable);
  EXPECT_EQ(store.find(key(1), scope)->found_in, TierKind::shared);
  empty_memory();
  shared.fail(Call::find, Fault::unavailable);
  EXPECT_EQ(find(1), "");
}

TEST_F(TieredStoreTest, WhatMemoryHasIsFoundWhateverTheTierDoes) {
  disk.fail(Call::find, Fault::unavailable);
  disk.fail(Call::insert, Fault::unavailable);
  insert(1, "one");
  EXPECT_EQ(find(1), "one");
  EXPECT_EQ(find(2), "");
  const auto longest = store.find_longest(std::array{key(1), key(2)}, 1, scope);
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->index, 0u);
  EXPECT_EQ(longest->record.payload.text(), "one");
}

TEST_F(TieredStoreTest, ManyAreFoundInTheirOrderWhereverTheyLie) {
  FaultyTier& shared = add_tier(TierKind::shared);
  for (int i = 1; i <= 3; ++i) insert(i, "text " + std::to_string(i));
  empty_memory();
  ASSERT_TRUE(disk.lose(kind, key(3)));
  ASSERT_EQ(find(1), "text 1");  // in memory from now on
  const int disk_calls = disk.calls(Call::find), shared_calls = shared.calls(Call::find);
  const auto found = store.find_many(std::array{key(9), key(3), key(1), key(8), key(2), key(3)}, scope);
  ASSERT_EQ(found.size(), 6u);
  EXPECT_FALSE(found[0]);
  EXPECT_EQ(text_of(found[1]), "text 3");
  EXPECT_EQ(text_of(found[2]), "text 1");
  EXPECT_FALSE(found[3]);
  EXPECT_EQ(text_of(found[4]), "text 2");
  EXPECT_EQ(text_of(found[5]), "text 3") << "a key may be there twice";
  EXPECT_EQ(found[1]->found_in, TierKind::shared);
  EXPECT_EQ(found[2]->found_in, TierKind::memory);
  EXPECT_EQ(found[4]->found_in, TierKind::disk);
  EXPECT_EQ(disk.calls(Call::find) - disk_calls, 1) << "one round trip to each";
  EXPECT_EQ(shared.calls(Call::find) - shared_calls, 1);
  EXPECT_EQ(tiers[1]->stats().use[static_cast<std::size_t>(kind) - 1].hits, 1U) << "and is fetched once";
  EXPECT_TRUE(store.find_many({}, scope).empty());
}

TEST_F(TieredStoreTest, TheLongestIsPreferredWhereverItLies) {
  FaultyTier& shared = add_tier(TierKind::shared);
  const std::array keys{key(1), key(2), key(3), key(4)};
  for (int i = 1; i <= 3; ++i) insert(i, "text " + std::to_string(i));
  const auto expect_longest = [&](std::size_t index, TierKind place) {
    const auto longest = store.find_longest(keys, 3, scope);
    ASSERT_TRUE(longest);
    EXPECT_EQ(longest->index, index);
    EXPECT_EQ(longest->record.payload.text(), "text " + std::to_string(index + 1));
    EXPECT_EQ(longest->record.found_in, place);
  };
  expect_longest(2, TierKind::memory);

  empty_memory();
  ASSERT_TRUE(disk.lose(kind, key(2)));
  ASSERT_TRUE(disk.lose(kind, key(3)));
  ASSERT_TRUE(shared.lose(kind, key(3)));
  ASSERT_EQ(find(1), "text 1");
  expect_longest(1, TierKind::shared);  // memory has the first alone, and so has the disk
  expect_longest(1, TierKind::memory);

  flush();
  empty_memory();
  ASSERT_TRUE(shared.lose(kind, key(2)));
  expect_longest(1, TierKind::disk);  // where it was promoted to
}

// Nobody is asked for what is shorter than what was found.
TEST_F(TieredStoreTest, ATierIsAskedForLongerOnesAlone) {
  insert(1, "one");
  insert(2, "two");
  EXPECT_EQ(store.find_longest(std::array{key(1), key(2)}, 1, scope)->index, 1u);
  EXPECT_EQ(disk.calls(Call::find), 0);
}

TEST_F(TieredStoreTest, WhatWasPromotedIsPurgedByTenantAndByImage) {
  insert(1, "a", alice, {red});
  insert(2, "b", alice, {red, blue});
  insert(3, "c", bob, {red});
  empty_memory();
  for (int i = 1; i <= 3; ++i) ASSERT_NE(find(i), "");
  EXPECT_EQ(store.records_of(alice, red).size(), 2u);
  EXPECT_EQ(store.purge(alice, blue), 1u);
  EXPECT_EQ(find(2), "");
  EXPECT_EQ(find(1), "a");
  EXPECT_EQ(store.purge(alice), 1u);
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(3), "c");
}

TEST_F(TieredStoreTest, PurgesReachWhatLiesInTiersAlone) {
  FaultyTier& shared = add_tier(TierKind::shared);
  insert(1, "a", alice, {red});
  insert(2, "b", alice, {blue});
  empty_memory();
  EXPECT_EQ(store.purge(alice, red), 0u) << "none in memory";
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(find(2), "b");
  EXPECT_FALSE(shared.holds(kind, key(1))) << "neither believes it any more";
  EXPECT_FALSE(disk.holds(kind, key(1)));
}

TEST_F(TieredStoreTest, ErasureReachesEveryPlace) {
  FaultyTier& shared = add_tier(TierKind::shared);
  insert(1, "one");
  insert(2, "two");
  EXPECT_EQ(store.erase(std::array{key(1), key(7)}), 1u);
  EXPECT_EQ(find(1), "");
  EXPECT_FALSE(disk.holds(kind, key(1)));
  EXPECT_FALSE(shared.holds(kind, key(1)));
  EXPECT_EQ(find(2), "two");
}

TEST_F(TieredStoreTest, ATierThatWasDownDuringAPurgeDoesNotBringItBack) {
  insert(1, "one");
  disk.fail(Call::purge, Fault::unavailable, 1);
  EXPECT_EQ(store.purge(alice), 1u);
  EXPECT_EQ(find(1), "");
  flush();
  EXPECT_EQ(find(1), "");
  EXPECT_EQ(disk.calls(Call::purge), 2);
}

TEST_F(TieredStoreTest, ARecordOfAnotherScopeIsAMissInEveryPlace) {
  ASSERT_TRUE(store.insert(key(1), record("secret", costly_ms, kind, elsewhere), {alice, {}}));
  flush();
  EXPECT_EQ(find(1), "");
  empty_memory();
  EXPECT_EQ(find(1), "");
  EXPECT_FALSE(store.contains(key(1))) << "it was not promoted";
}

TEST_F(TieredStoreTest, WhatIsTooLargeForMemoryIsFoundInTheTierEachTime) {
  const std::string large(memory_bytes, 'x');
  EXPECT_TRUE(store.insert(key(1), record(large), {alice, {}})) << "the tier took it";
  flush();
  for (int i = 0; i < 3; ++i) {
    const auto found = store.find(key(1), scope);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->payload.text(), large);
    EXPECT_EQ(found->found_in, TierKind::disk);
  }
  EXPECT_FALSE(store.contains(key(1)));
}

TEST_F(TieredStoreTest, WhatIsWorthNoWriteStaysInMemory) {
  EXPECT_TRUE(store.insert(key(1), record("cheap", 0.01), {alice, {}}));
  flush();
  EXPECT_EQ(find(1), "cheap");
  EXPECT_FALSE(disk.holds(kind, key(1)));
}

TEST_F(TieredStoreTest, StatsAndImportanceAreThoseOfMemory) {
  insert(1, "one");
  EXPECT_EQ(store.stats().entries, 1u);
  EXPECT_EQ(store.importance(key(1)), 0.5F);
  empty_memory();
  EXPECT_FALSE(store.importance(key(1)));
}

// A look-up of key 1 that has found it in a tier and is held there, until release(). The rest of a test runs
// meanwhile.
class HeldLookUp {
 public:
  HeldLookUp(TieredStore& store, FaultyTier& tier, int number = 1) : gate_(tier.found(key(number))) {
    gate_.close();
    thread_ = std::jthread([&store, this, number] { found_ = store.find(key(number), scope); });
    gate_.wait_for(1);
  }
  ~HeldLookUp() { gate_.open(); }

  std::optional<Record> release() {
    gate_.open();
    thread_.join();
    return std::move(found_);
  }

 private:
  Gate& gate_;
  std::optional<Record> found_;
  std::jthread thread_;
};

TEST_F(TieredStoreTest, APurgeBetweenLookUpAndPromotionLeavesNothing) {
  FaultyTier& shared = add_tier(TierKind::shared);
  insert(1, "one", alice, {red});
  ASSERT_TRUE(disk.lose(kind, key(1)));
  empty_memory();
  HeldLookUp held(store, shared);
  store.purge(alice, red);
  EXPECT_EQ(text_of(held.release()), "one") << "it began before the purge";
  EXPECT_FALSE(store.contains(key(1)));
  flush();
  EXPECT_FALSE(disk.holds(kind, key(1)));
  EXPECT_EQ(find(1), "");
}

TEST_F(TieredStoreTest, AnErasureBetweenLookUpAndPromotionLeavesNothing) {
  insert(1, "one");
  empty_memory();
  HeldLookUp held(store, disk);
  store.erase(std::array{key(1)});
  held.release();
  EXPECT_FALSE(store.contains(key(1)));
  EXPECT_EQ(find(1), "");
}

// A look-up that begins while a purge is under way finds what the tier has not purged yet.
TEST_F(TieredStoreTest, ALookUpDuringAPurgePromotesNothingOfIt) {
  FaultyTier& shared = add_tier(TierKind::shared);
  insert(1, "one", alice);
  insert(2, "two", bob);
  for (int i = 1; i <= 2; ++i) ASSERT_TRUE(disk.lose(kind, key(i)));
  empty_memory();
  shared.before_purge.close();
  std::jthread purging([&] { store.purge(alice); });
  shared.before_purge.wait_for(1);
  EXPECT_EQ(find(1), "one");
  EXPECT_EQ(find(2), "two");
  EXPECT_FALSE(store.contains(key(1)));
  EXPECT_TRUE(store.contains(key(2))) << "it is not what is purged";
  shared.before_purge.open();
  purging.join();
  EXPECT_EQ(find(1), "");
  flush();
  EXPECT_FALSE(disk.holds(kind, key(1)));
  EXPECT_TRUE(disk.holds(kind, key(2)));
}

// One that was held over a purge is not promoted. That is no reason not to promote another, or to remove it.
TEST_F(TieredStoreTest, APurgeCostsTheLookUpsOfItsTimeTheirPromotionAndNothingElse) {
  insert(1, "one", alice);
  insert(2, "two", alice);
  empty_memory();
  HeldLookUp before(store, disk, 1);
  store.purge(bob);
  HeldLookUp after(store, disk, 2);
  EXPECT_EQ(text_of(before.release()), "one");
  EXPECT_EQ(text_of(after.release()), "two");
  EXPECT_FALSE(store.contains(key(1)));
  EXPECT_TRUE(store.contains(key(2)));
  EXPECT_TRUE(disk.holds(kind, key(1)));
  EXPECT_TRUE(disk.holds(kind, key(2)));
  EXPECT_EQ(find(1), "one");
  EXPECT_TRUE(store.contains(key(1)));
}

TEST_F(TieredStoreTest, WhatWasInsertedDuringALookUpIsNewerThanWhatItFound) {
  insert(1, "old");
  empty_memory();
  HeldLookUp held(store, disk);
  insert(1, "new");
  EXPECT_EQ(text_of(held.release()), "old");
  EXPECT_EQ(find(1), "new");
}

class LeaseTest : public TieredStoreTest {
 protected:
  bool is_ours(int number) {
    const auto answer = store.acquire_lease(key(number), scope);
    return !answer.record && !answer.wait;
  }

  FaultyTier& shared = add_tier(TierKind::shared);
};

TEST_F(LeaseTest, IsEndedBehindTheWrite) {
  EXPECT_TRUE(is_ours(1));
  EXPECT_TRUE(shared.is_leased(key(1)));
  EXPECT_FALSE(disk.is_leased(key(1))) << "nobody shares a disk";
  insert(1, "one");
  EXPECT_FALSE(shared.is_leased(key(1)));
  EXPECT_TRUE(shared.holds(kind, key(1)));
}

TEST_F(LeaseTest, IsEndedWhereNothingIsWritten) {
  EXPECT_TRUE(is_ours(1));
  store.release_lease(key(1));
  EXPECT_FALSE(shared.is_leased(key(1)));
  EXPECT_TRUE(is_ours(2));
  store.insert(key(2), record("free", 0), {alice, {}});
  EXPECT_FALSE(shared.is_leased(key(2))) << "what costs nothing is not worth its way";
}

TEST_F(LeaseTest, AnotherProcesssIsWaitedFor) {
  shared.lease_to_another(key(1));
  const auto answer = store.acquire_lease(key(1), scope);
  ASSERT_TRUE(answer.wait);
  EXPECT_GT(answer.wait->count(), 0);
  EXPECT_FALSE(answer.record);
  shared.end_lease_of_another(key(1));
  EXPECT_TRUE(is_ours(1));
}

TEST_F(LeaseTest, WhatAnotherProcessMadeMeanwhileIsTaken) {
  ASSERT_TRUE(shared.insert(kind, entry(1, "theirs")));
  EXPECT_EQ(text_of(store.acquire_lease(key(1), scope).record), "theirs");
  EXPECT_TRUE(store.contains(key(1)));
  EXPECT_FALSE(shared.is_leased(key(1)));
}

TEST_F(LeaseTest, WhatHasComeIsTakenWhileItsLeaseStands) {
  shared.lease_to_another(key(1));
  ASSERT_TRUE(shared.insert(kind, entry(1, "theirs")));
  const auto answer = store.acquire_lease(key(1), scope);
  EXPECT_EQ(text_of(answer.record), "theirs");
  EXPECT_FALSE(answer.wait);
}

TEST_F(LeaseTest, WhatIsOfAnotherScopeIsNotTaken) {
  ASSERT_TRUE(shared.insert(kind, {key(1), alice, {}, record("theirs", costly_ms, kind, elsewhere)}));
  EXPECT_TRUE(is_ours(1));
  EXPECT_FALSE(store.contains(key(1)));
}

TEST_F(LeaseTest, IsNotAskedForWhatIsComputedAtOnce) {
  for (int i = 0; i < 100; ++i) store.insert(key(i), record("cheap", 0.5), {alice, {}});
  flush();
  shared.lease_to_another(key(1000));
  EXPECT_TRUE(is_ours(1000)) << "asking would take longer";
  EXPECT_EQ(shared.calls(Call::lease), 0);
}

TEST_F(LeaseTest, ATierThatRefusesLeasesIsReadAllTheSame) {
  shared.fail(Call::lease, Fault::unavailable);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(is_ours(i));
  EXPECT_LT(shared.calls(Call::lease), 10) << "its writing is left alone";
  EXPECT_EQ(tiers[1]->stats().reading, BreakerState::closed);
}

}  // namespace
}  // namespace fovea
