#include "cache/policy/acquaintances.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

using Slot = Acquaintances::Slot;

TEST(Acquaintances, AreFoundWhetherHereOrGone) {
  Acquaintances known;
  EXPECT_FALSE(known.find(7));
  const Slot slot = known.meet(7);
  EXPECT_EQ(known.find(7), slot);
  known.came(slot);
  EXPECT_TRUE(known[slot].here);
  known.left(slot);
  EXPECT_FALSE(known[slot].here);
  EXPECT_EQ(known.find(7), slot);
  known.purge(slot);
  EXPECT_FALSE(known.find(7));
}

TEST(Acquaintances, TellTwoOfOneIdApartAndForgetTheSecondWhenItLeaves) {
  Acquaintances known;
  const Slot first = known.meet(7);
  known.came(first);
  const Slot second = known.meet(7);
  known.came(second);
  EXPECT_NE(first, second);
  known.left(second);
  EXPECT_EQ(known[second].uses, 0U);
  EXPECT_EQ(known.find(7), first);
  EXPECT_TRUE(known[first].here);
}

TEST(Acquaintances, CrowdOutTheOneThatHasBeenGoneLongest) {
  Acquaintances known;
  for (std::uint64_t id = 0; id < Acquaintances::departed_min; ++id) {
    ASSERT_FALSE(known.crowded_out()) << id;
    known.meet(id);
  }
  ASSERT_EQ(known.crowded_out(), known.find(0));
  const Slot oldest = *known.find(0);  // comes and goes: others have been gone for longer now
  known.came(oldest);
  known.left(oldest);
  EXPECT_EQ(known.crowded_out(), known.find(1));
  known.came(*known.find(1));  // makes room
  EXPECT_FALSE(known.crowded_out());
}

TEST(Acquaintances, OfALargeCacheRememberAsManyDepartedAsAreHere) {
  constexpr std::uint64_t here = Acquaintances::departed_min + 1000;
  Acquaintances known;
  for (std::uint64_t id = 0; id < here; ++id) known.came(known.meet(id));
  for (std::uint64_t id = here; id < 2 * here; ++id) {
    ASSERT_FALSE(known.crowded_out()) << id;
    known.meet(id);
  }
  EXPECT_TRUE(known.crowded_out());
}

// Against a map and a queue, under a bound that is nearly reached to begin with.
TEST(Acquaintances, DoAsAPlainMapAndQueueWould) {
  Random random(11);
  Acquaintances known;
  std::map<std::uint64_t, Slot> here;
  std::deque<std::uint64_t> gone;  // longest first
  for (std::uint64_t id = 1000; id < 1000 + Acquaintances::departed_min - 10; ++id) {
    known.meet(id);
    gone.push_back(id);
  }
  for (int step = 0; step < 3000; ++step) {
    const std::uint64_t id = drawn(random, 0, 40);
    if (const auto found = here.find(id); found != here.end()) {
      known.left(found->second);
      here.erase(found);
      gone.push_back(id);
    } else if (const auto slot = known.find(id)) {
      known.came(*slot);
      here[id] = *slot;
      std::erase(gone, id);
    } else {
      const auto crowded = known.crowded_out();
      ASSERT_EQ(crowded.has_value(), gone.size() >= Acquaintances::departed_min);
      if (crowded) {
        ASSERT_EQ(known[*crowded].id, gone.front());
        known.purge(*crowded);
        gone.pop_front();
      }
      known.meet(id);
      gone.push_back(id);
    }
    ASSERT_EQ(known.known(), here.size() + gone.size());
  }
}

}  // namespace
}  // namespace fovea
