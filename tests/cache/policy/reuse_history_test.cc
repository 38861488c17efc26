// ReuseHistory: records of cached keys and ghosts, the bound on ghosts, and two keys with one id.
#include "cache/policy/reuse_history.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

using Index = ReuseHistory::Index;

TEST(ReuseHistory, FindsCachedKeysAndGhosts) {
  ReuseHistory history;
  EXPECT_FALSE(history.find(7));
  const Index index = history.add(7);
  EXPECT_EQ(history.find(7), index);
  history.inserted(index);
  EXPECT_TRUE(history[index].cached);
  history.removed(index);
  EXPECT_FALSE(history[index].cached);
  EXPECT_EQ(history.find(7), index);
  history.drop(index);
  EXPECT_FALSE(history.find(7));
}

TEST(ReuseHistory, KeepsTwoKeysOfOneIdApartAndDropsTheSecondOnRemoval) {
  ReuseHistory history;
  const Index first = history.add(7);
  history.inserted(first);
  const Index second = history.add(7);
  history.inserted(second);
  EXPECT_NE(first, second);
  history.removed(second);
  EXPECT_EQ(history[second].uses, 0U);
  EXPECT_EQ(history.find(7), first);
  EXPECT_TRUE(history[first].cached);
}

TEST(ReuseHistory, DropsTheOldestGhost) {
  ReuseHistory history;
  for (std::uint64_t id = 0; id < ReuseHistory::ghosts_min; ++id) {
    ASSERT_FALSE(history.ghost_to_drop()) << id;
    history.add(id);
  }
  ASSERT_EQ(history.ghost_to_drop(), history.find(0));
  const Index oldest = *history.find(0);  // inserted and removed again, so that others are older now
  history.inserted(oldest);
  history.removed(oldest);
  EXPECT_EQ(history.ghost_to_drop(), history.find(1));
  history.inserted(*history.find(1));  // is no ghost any more, which makes room
  EXPECT_FALSE(history.ghost_to_drop());
}

TEST(ReuseHistory, RemembersAsManyGhostsAsCachedKeys) {
  constexpr std::uint64_t cached = ReuseHistory::ghosts_min + 1000;
  ReuseHistory history;
  for (std::uint64_t id = 0; id < cached; ++id) history.inserted(history.add(id));
  for (std::uint64_t id = cached; id < 2 * cached; ++id) {
    ASSERT_FALSE(history.ghost_to_drop()) << id;
    history.add(id);
  }
  EXPECT_TRUE(history.ghost_to_drop());
}

// Compared with a map and a queue, with ghosts that nearly reach the bound at the start.
TEST(ReuseHistory, BehavesAsAPlainMapAndQueue) {
  Random random(11);
  ReuseHistory history;
  std::map<std::uint64_t, Index> cached;
  std::deque<std::uint64_t> ghosts;  // oldest first
  for (std::uint64_t id = 1000; id < 1000 + ReuseHistory::ghosts_min - 10; ++id) {
    history.add(id);
    ghosts.push_back(id);
  }
  for (int step = 0; step < 3000; ++step) {
    const std::uint64_t id = drawn(random, 0, 40);
    if (const auto found = cached.find(id); found != cached.end()) {
      history.removed(found->second);
      cached.erase(found);
      ghosts.push_back(id);
    } else if (const auto index = history.find(id)) {
      history.inserted(*index);
      cached[id] = *index;
      std::erase(ghosts, id);
    } else {
      const auto to_drop = history.ghost_to_drop();
      ASSERT_EQ(to_drop.has_value(), ghosts.size() >= ReuseHistory::ghosts_min);
      if (to_drop) {
        ASSERT_EQ(history[*to_drop].id, ghosts.front());
        history.drop(*to_drop);
        ghosts.pop_front();
      }
      history.add(id);
      ghosts.push_back(id);
    }
    ASSERT_EQ(history.size(), cached.size() + ghosts.size());
  }
}

}  // namespace
}  // namespace fovea
