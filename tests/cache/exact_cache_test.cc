// ExactCache tells its policy of everything and keeps count of bytes, entries and evictions.
#include "cache/exact_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "cache/policies.h"

namespace fovea {
namespace {

// Declines everything when full, and logs what it was told.
class DecliningPolicy : public Policy {
 public:
  explicit DecliningPolicy(std::string& log) : log_(log) {}
  void inserted(Item& item) override { log_ += "inserted level " + std::to_string(item.level) + "; "; }
  void hit(Item& item) override { log_ += "hit " + std::to_string(item.hits) + "; "; }
  Item* victim(const Item*) override { return nullptr; }
  void removed(Item&, RemovalCause why) override { log_ += why == RemovalCause::erased ? "erased; " : "removed; "; }
  void declined(const Item& item) override { log_ += "declined " + std::to_string(item.size) + "; "; }
  void importance_changed(Item& item) override { log_ += item.importance > 0.8F ? "important; " : "unimportant; "; }
  void resized(std::uint64_t bytes_max) override { log_ += "resized " + std::to_string(bytes_max) + "; "; }

 private:
  std::string& log_;
};

TEST(ExactCache, TellsThePolicyOfEverything) {
  std::string log;
  ExactCache cache(std::make_unique<DecliningPolicy>(log), 10, 3);
  EXPECT_EQ(cache.insert(0, {.size = 6, .level = 2}), Admission::stored);
  EXPECT_TRUE(cache.find(0));
  EXPECT_TRUE(cache.find(0));
  EXPECT_EQ(cache.insert(1, {.size = 5}), Admission::declined);
  EXPECT_FALSE(cache.find(1));
  cache.set_importance(0, 0.9F);
  cache.set_importance(1, 0.9F);  // not cached: the policy is not told
  EXPECT_TRUE(cache.erase(0));
  EXPECT_FALSE(cache.erase(0));
  EXPECT_EQ(log, "resized 10; inserted level 2; hit 1; hit 2; declined 5; important; erased; ");
}

TEST(ExactCache, KeepsCountOfBytesEntriesAndEvictions) {
  ExactCache cache(make_policy(PolicyKind::lru), 10, 4);
  for (const std::uint32_t key : {0U, 1U, 2U}) EXPECT_EQ(cache.insert(key, {.size = 4}), Admission::stored);
  EXPECT_FALSE(cache.contains(0));
  EXPECT_TRUE(cache.contains(1));
  EXPECT_EQ(cache.bytes(), 8U);
  EXPECT_EQ(cache.entries(), 2U);
  EXPECT_EQ(cache.evictions(), 1U);
  cache.erase(1);
  EXPECT_EQ(cache.bytes(), 4U);
  EXPECT_EQ(cache.evictions(), 1U) << "an erased entry was not evicted";
}

TEST(ExactCache, EvictsNothingForAValueLargerThanTheBudget) {
  ExactCache cache(make_policy(PolicyKind::lru), 10, 2);
  EXPECT_EQ(cache.insert(0, {.size = 10}), Admission::stored);
  EXPECT_EQ(cache.insert(1, {.size = 11}), Admission::too_large);
  EXPECT_TRUE(cache.contains(0));
  EXPECT_EQ(cache.evictions(), 0U);
}

TEST(ExactCache, ShrinksAtOnceAndAnEntryStartsAnewWhenItComesBack) {
  ExactCache cache(make_policy(PolicyKind::lru), 10, 10);
  for (std::uint32_t key = 0; key < 10; ++key) cache.insert(key, {.size = 1, .importance = 0.25F});
  cache.resize(3);
  EXPECT_EQ(cache.entries(), 3U);
  EXPECT_EQ(cache.evictions(), 7U);
  EXPECT_TRUE(cache.contains(9));
  cache.set_importance(9, 1);
  EXPECT_EQ(cache.importance(9), 1);
  cache.erase(9);
  cache.insert(9, {.size = 1, .importance = 0.25F});
  EXPECT_EQ(cache.importance(9), 0.25F);
}

}  // namespace
}  // namespace fovea
