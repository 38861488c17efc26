// ScoreHeap orders as a plain set does.
#include "cache/policy/score_heap.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

TEST(ScoreHeap, HasNoLowestWhenEmpty) {
  ScoreHeap heap;
  EXPECT_EQ(heap.lowest(), nullptr);
  Item item;
  heap.push(item);
  EXPECT_EQ(heap.lowest(), &item);
  heap.erase(item);
  EXPECT_EQ(heap.lowest(), nullptr);
}

TEST(ScoreHeap, OrdersAsAPlainSetUnderRisesFallsAndErasures) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::vector<Item> items(300);
    std::set<std::tuple<double, std::uint64_t, Item*>> plain;
    ScoreHeap heap;
    std::uint64_t stamp = 0;
    const auto named = [](Item& item) { return std::tuple(item.priority, item.stamp, &item); };
    for (int i = 0; i < 20'000; ++i) {
      Item& item = items[drawn(random, 0, items.size() - 1)];
      const bool in = plain.erase(named(item)) == 1;
      if (in && drawn(random, 0, 3) == 0) {
        heap.erase(item);
        item.stamp = 0;
        continue;
      }
      const bool falls = in && drawn(random, 0, 3) == 0;
      const double change = static_cast<double>(drawn(random, 0, 20));
      item.priority += falls ? -change : change;
      item.stamp = ++stamp;
      if (!in) heap.push(item);
      if (falls) heap.lowered(item);
      plain.insert(named(item));
      if (drawn(random, 0, 3) == 0) {
        ASSERT_EQ(heap.lowest(), std::get<Item*>(*plain.begin()));
      }
    }
    for (; !plain.empty(); plain.erase(plain.begin())) {
      ASSERT_EQ(heap.lowest(), std::get<Item*>(*plain.begin()));
      heap.erase(*heap.lowest());
    }
    EXPECT_EQ(heap.lowest(), nullptr);
  }
}

}  // namespace
}  // namespace fovea
