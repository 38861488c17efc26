// BudgetCore: recorded hits reach the policy before each decision, and an entry that is hot gets copies.
#include "cache/budget_core.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

class BudgetCoreTest : public testing::Test {
 protected:
  ~BudgetCoreTest() override {
    for (Bucket& bucket : index.buckets) {
      while (!bucket.entries().empty()) erase(*bucket.entries().begin()->entry);
    }
  }

  static Key key_of(int number) { return KeyBuilder("budget_core").field(number).finish(); }

  Entry& store(int number) {
    auto entry = std::make_unique<Entry>();
    entry->key = key_of(number);
    entry->id = entry->key.bits();
    entry->size = 100;
    entry->held = HeldValue::make(Blob::copy_of("value"), 1);
    Entry& stored = *entry;
    DeferredFrees deferred;
    MutexLock lock(core.mutex);
    EXPECT_EQ(core.store(index, std::move(entry), deferred), std::nullopt);
    return stored;
  }
  void erase(Entry& entry) {
    DeferredFrees deferred;
    MutexLock lock(core.mutex);
    core.erase(entry, deferred);
  }
  bool contains(int number) {
    DeferredFrees deferred;
    MutexLock lock(core.mutex);
    return core.find(index, key_of(number), deferred) != nullptr;
  }
  void record_hits(Entry& entry, int count) {
    for (int i = 0; i < count; ++i) core.record_hit(0, entry);
  }

  BudgetCore core{{.bytes_max = 200, .policy = PolicyKind::lru}};
  LevelIndex index{core.register_level()};
};

TEST_F(BudgetCoreTest, TellsThePolicyOfRecordedHitsBeforeItChoosesAVictim) {
  Entry& first = store(1);
  store(2);
  record_hits(first, 1);
  store(3);
  EXPECT_TRUE(contains(1)) << "its hit made it more recent than 2";
  EXPECT_FALSE(contains(2));
  EXPECT_EQ(core.bytes(), 200u);
}

TEST_F(BudgetCoreTest, AHitOnARemovedEntryIsIgnored) {
  Entry& removed = store(1);
  record_hits(removed, 5);
  erase(removed);
  const Entry& kept = store(2);  // reads the log, which still names the removed entry
  EXPECT_EQ(kept.hits, 0u);
  EXPECT_EQ(index.counters.entries, 1u);
  EXPECT_EQ(core.bytes(), 100u);
}

TEST_F(BudgetCoreTest, AHotEntryGetsAReferenceCountForEachStripe) {
  Entry& hot = store(1);
  Entry& other = store(2);
  record_hits(hot, 40);
  record_hits(other, 10);
  core.drain_soon(0);
  EXPECT_EQ(hot.hits, 40u);
  EXPECT_EQ(hot.copies.size(), stripe_count);
  EXPECT_TRUE(other.copies.empty());
  EXPECT_FALSE(index.bucket_of(key_of(1)).find(key_of(1))->plain);
  EXPECT_TRUE(index.bucket_of(key_of(2)).find(key_of(2))->plain);
}

}  // namespace
}  // namespace fovea
