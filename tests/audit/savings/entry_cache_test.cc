#include "audit/savings/entry_cache.h"

#include <gtest/gtest.h>

#include "cache/policies.h"

namespace fovea {
namespace {

TEST(EntryCache, UnboundedKeepsAllAndCountsEachOnce) {
  UnboundedEntries entries(10);
  EXPECT_FALSE(entries.find(3));
  entries.insert(3, {.size = 100, .level = 0});
  entries.insert(3, {.size = 100, .level = 0});
  entries.insert(4, {.size = 7, .level = 2});
  EXPECT_TRUE(entries.find(3));
  EXPECT_TRUE(entries.contains(4));
  EXPECT_EQ(entries.bytes(), (std::array<std::uint64_t, trace_levels>{100, 0, 7}));
  EXPECT_EQ(entries.evictions(), 0U);
}

TEST(EntryCache, APolicyEvicts) {
  PolicyEntries entries(make_policy(PolicyKind::lru), 250, 10);
  for (std::uint32_t key = 0; key < 3; ++key) entries.insert(key, {.size = 100});
  EXPECT_FALSE(entries.contains(0));
  EXPECT_TRUE(entries.find(1));
  entries.insert(1, {.size = 100});  // is there
  entries.insert(3, {.size = 100});
  EXPECT_TRUE(entries.contains(1));
  EXPECT_FALSE(entries.contains(2));
  EXPECT_EQ(entries.evictions(), 2U);
}

}  // namespace
}  // namespace fovea
