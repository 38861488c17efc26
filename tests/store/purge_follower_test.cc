// With tiers in memory and a log that a test writes. With real ones: tests/tier/purged_elsewhere_test.cc.
#include "store/purge_follower.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/entries.h"
#include "store/faulty_tier.h"
#include "store/level_stores.h"

namespace fovea {
namespace {

using namespace test;  // the entries and the tier
using namespace std::chrono_literals;
using Call = FaultyTier::Call;

constexpr RecordKind kind = RecordKind::prefix;

const PurgeLabel all_of_alice{.tenant = alice, .image = {}};

// Positions are numbers of labels. A page has two.
class WrittenLog final : public PurgeLog {
 public:
  Result<News> after(std::string_view position, const WaitLimits&) override {
    const std::lock_guard lock(mutex_);
    if (fails_) {
      ++looks_;
      return fail(Fault::unavailable, "the log was told to fail");
    }
    News news{.labels = {}, .position = std::to_string(labels_.size())};
    if (position.empty()) return news;
    const std::size_t from = std::stoul(std::string(position));
    if (from < begins_ || from > labels_.size()) {
      news.lost = true;
      return news;
    }
    if (from == labels_.size()) ++looks_;
    const std::size_t to = std::min(from + 2, labels_.size());
    news.labels.assign(labels_.begin() + static_cast<std::ptrdiff_t>(from),
                       labels_.begin() + static_cast<std::ptrdiff_t>(to));
    news.position = std::to_string(to);
    news.more = to < labels_.size();
    return news;
  }

  void write(const PurgeLabel& label) {
    const std::lock_guard lock(mutex_);
    labels_.push_back(label);
  }
  void fails(bool fails) {
    const std::lock_guard lock(mutex_);
    fails_ = fails;
  }
  // Forgets what there is.
  void cut() {
    const std::lock_guard lock(mutex_);
    labels_.resize(labels_.size() + 10);
    begins_ = labels_.size();
  }
  // Those that found nothing new, or failed. All that was there before such a look is carried out.
  int looks() const {
    const std::lock_guard lock(mutex_);
    return looks_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<PurgeLabel> labels_;
  std::size_t begins_ = 0;
  bool fails_ = false;
  int looks_ = 0;
};

class PurgeFollowerTest : public testing::Test {
 protected:
  void SetUp() override {
    shared->log = &log;
    tiers.push_back(std::make_unique<TierLane>(std::unique_ptr<Tier>(disk), TierLaneOptions{}));
    tiers.push_back(std::make_unique<TierLane>(std::unique_ptr<Tier>(shared), TierLaneOptions{}));
    store = make_store(kind, 1 << 20, PolicyKind::lru, &tiers);
  }

  void follow() {
    follower = std::make_unique<PurgeFollower>(
        tiers, PurgeFollowerOptions{.pause = 1ms, .first_wait = 1000ms, .tell = [this](std::string_view) { ++told; }});
  }
  // Until all that is in the log is carried out.
  void wait() {
    const int before = log.looks();
    while (log.looks() == before) std::this_thread::sleep_for(1ms);
  }
  // In memory and in the disk; not in the shared tier, which others have purged.
  void keep(int number, const Key& tenant, std::vector<Key> images = {}) {
    store->insert(key(number), record("x"), {.tenant = tenant, .images = images});
    for (const auto& tier : tiers) ASSERT_TRUE(tier->flush(std::chrono::steady_clock::now() + 1h));
    ASSERT_TRUE(shared->lose(kind, key(number)));
  }
  bool in_memory(int number) const { return store->contains(key(number)); }
  bool on_disk(int number) { return tiers[0]->find_many(kind, std::array{key(number)}, scope, {})[0].has_value(); }
  bool kept(int number) { return in_memory(number) || on_disk(number); }

  WrittenLog log;
  std::atomic<int> told = 0;
  FaultyTier* const disk = new FaultyTier(TierKind::disk);      // its lane's
  FaultyTier* const shared = new FaultyTier(TierKind::shared);  // its lane's
  Tiers tiers;
  std::unique_ptr<Store> store;
  std::unique_ptr<PurgeFollower> follower;  // goes first
};

TEST_F(PurgeFollowerTest, WhatOthersPurgeGoesFromMemoryAndDisk) {
  follow();
  keep(1, alice, {red});
  keep(2, alice, {blue});
  keep(3, bob, {red});
  const int purges_of_shared = shared->calls(Call::purge);
  log.write({.tenant = alice, .image = red});
  wait();
  EXPECT_FALSE(in_memory(1));
  EXPECT_FALSE(on_disk(1));
  EXPECT_TRUE(in_memory(2) && on_disk(2));
  EXPECT_TRUE(in_memory(3) && on_disk(3));
  for (int i = 0; i < 5; ++i) log.write(all_of_alice);
  wait();
  EXPECT_FALSE(kept(2)) << "pages behind one another";
  EXPECT_TRUE(in_memory(3) && on_disk(3));
  EXPECT_EQ(shared->calls(Call::purge), purges_of_shared) << "it has no loop";
  EXPECT_EQ(told, 0);
}

// A label would stay in the disk's memory for good.
TEST_F(PurgeFollowerTest, ADeletedFileIsErasedByItsKey) {
  follow();
  const Blob bytes = encode_record({.kind = RecordKind::file, .scope = scope}, std::as_bytes(std::span("x", 1)));
  for (const int number : {1, 2, 3}) {
    ASSERT_TRUE(disk->insert(RecordKind::file,
                             {.key = key(number), .tenant = alice, .images = {key(number)}, .record = bytes}));
  }
  const int erasures = disk->calls(Call::erase);
  log.write({.tenant = alice, .image = key(1), .is_file = true});
  log.write({.tenant = alice, .image = key(2), .is_file = true});
  wait();
  EXPECT_FALSE(disk->holds(RecordKind::file, key(1)) || disk->holds(RecordKind::file, key(2)));
  EXPECT_TRUE(disk->holds(RecordKind::file, key(3)));
  EXPECT_EQ(disk->calls(Call::purge), 0);
  EXPECT_LE(disk->calls(Call::erase) - erasures, 2) << "those of a page in one step";
}

TEST_F(PurgeFollowerTest, WhatIsStoredAfterThePurgeStays) {
  follow();
  log.write(all_of_alice);
  wait();
  keep(1, alice);
  wait();
  EXPECT_TRUE(in_memory(1) && on_disk(1));
}

TEST_F(PurgeFollowerTest, AProcessThatWasDownGoesOnWhereItLeftOff) {
  follow();
  keep(1, alice);
  log.write({.tenant = bob, .image = {}});
  wait();
  follower.reset();
  EXPECT_EQ(disk->purges_followed(), "1");
  log.write(all_of_alice);
  EXPECT_TRUE(on_disk(1));
  follow();
  EXPECT_FALSE(kept(1)) << "at once, before anybody looks";
  EXPECT_EQ(disk->purges_followed(), "2");
  EXPECT_EQ(told, 0);
}

TEST_F(PurgeFollowerTest, WhereTheLogDoesNotReachBackAllIsPurged) {
  follow();
  keep(1, alice);
  keep(2, bob);
  log.cut();
  wait();
  EXPECT_FALSE(kept(1) || kept(2));
  EXPECT_EQ(told, 1);
  keep(2, bob);
  wait();
  EXPECT_TRUE(in_memory(2) && on_disk(2)) << "once";
  EXPECT_EQ(told, 1);
}

TEST_F(PurgeFollowerTest, WithoutTheLogAllGoesOnAndIsCaughtUpWith) {
  follow();
  keep(1, alice);
  keep(2, bob);
  log.fails(true);
  log.write(all_of_alice);
  wait();
  EXPECT_TRUE(kept(1));
  log.fails(false);
  wait();
  EXPECT_FALSE(kept(1));
  EXPECT_TRUE(kept(2));
}

// It has no position, and what it kept meanwhile others may have purged.
TEST_F(PurgeFollowerTest, WhoReachesTheLogForTheFirstTimeLaterPurgesAll) {
  log.fails(true);
  follow();
  keep(1, alice);
  log.write(all_of_alice);
  log.fails(false);
  wait();
  EXPECT_FALSE(kept(1));
  EXPECT_EQ(told, 1);
}

TEST_F(PurgeFollowerTest, WhoBeginsWithTheLogAtHandKeepsItsDisk) {
  log.write(all_of_alice);
  keep(1, alice);
  follow();
  EXPECT_TRUE(on_disk(1));
  EXPECT_EQ(disk->purges_followed(), "1");
}

// A process that is killed then must do it again.
TEST_F(PurgeFollowerTest, WhatTheDiskDidNotRemoveIsNotNoted) {
  follow();
  keep(1, alice);
  disk->fail(Call::purge, Fault::unavailable);
  log.write(all_of_alice);
  wait();
  EXPECT_FALSE(kept(1)) << "nothing of it is believed";
  EXPECT_EQ(disk->purges_followed(), "0");
  disk->work();
  for (int i = 0; i < 5000 && disk->purges_followed() != "1"; ++i) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(disk->purges_followed(), "1") << "tried again, though nothing is written";
  EXPECT_FALSE(kept(1));
}

// Found in the shared tier before it was purged there, and in hand while the purge is carried out here.
TEST_F(PurgeFollowerTest, WhatWasFoundBeforeIsNotKeptBehindIt) {
  follow();
  ASSERT_TRUE(shared->insert(kind, entry(1, "x")));
  Gate& found = shared->found(key(1));
  found.close();
  std::jthread looking([&] { EXPECT_TRUE(store->find(key(1), scope)); });
  found.wait_for(1);
  ASSERT_TRUE(shared->purge(alice));
  log.write(all_of_alice);
  wait();
  found.open();
  looking.join();
  ASSERT_TRUE(tiers[0]->flush(std::chrono::steady_clock::now() + 1h));
  EXPECT_FALSE(kept(1));
}

// It was stored before the purge, and the shared tier would take it for new.
TEST_F(PurgeFollowerTest, WhatWaitsForTheSharedTierIsNotWritten) {
  follow();
  shared->before_insert.close();
  store->insert(key(1), record("x"), {.tenant = bob, .images = {}});
  shared->before_insert.wait_for(1);
  store->insert(key(2), record("x"), {.tenant = alice, .images = {}});
  log.write(all_of_alice);
  wait();
  shared->before_insert.open();
  ASSERT_TRUE(tiers[1]->flush(std::chrono::steady_clock::now() + 1h));
  EXPECT_TRUE(shared->holds(kind, key(1)));
  EXPECT_FALSE(shared->holds(kind, key(2)));
}

TEST_F(PurgeFollowerTest, WithoutALogThereIsNothingToDo) {
  shared->log = nullptr;
  follow();
  EXPECT_EQ(log.looks(), 0);
}

TEST_F(PurgeFollowerTest, StoresMayGoBeforeIt) {
  follow();
  store.reset();
  log.write(all_of_alice);
  wait();
}

}  // namespace
}  // namespace fovea
