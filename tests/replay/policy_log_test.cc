// The log saves what its policy saves on its part of the bytes, never holds more than the disk, and writes
// again only what the policy keeps.
#include "replay/policy_log.h"

#include <gtest/gtest.h>

#include "replay/budget_plan.h"
#include "replay/replay.h"
#include "replay/traces.h"

namespace fovea {
namespace {

PolicyLogRules lru(bool oldest_dropped) {
  return {.policy = PolicyKind::lru, .files = 10, .live_share = 0.5, .oldest_dropped = oldest_dropped};
}

TEST(PolicyLog, WritesAgainWhatThePolicyKeepsOfTheOldestFile) {
  PolicyLog log(1000, 100, lru(true));  // five values of 100 bytes are kept; ten lie on the disk
  log.store(0, {.size = 100});
  for (std::uint32_t key = 1; key <= 9; ++key) {
    log.store(key, {.size = 100});
    EXPECT_TRUE(log.find(0));
  }
  EXPECT_EQ(log.bytes(), 1000u);
  EXPECT_EQ(log.writes().rescued, 0u);
  log.store(10, {.size = 100});  // drops the file of 0, which is kept, and then that of 1, which is not
  EXPECT_TRUE(log.find(0));
  EXPECT_EQ(log.writes().rescued, 100u);
  EXPECT_EQ(log.bytes(), 1000u);
}

TEST(PolicyLog, DropsADeadFileBeforeALiveOne) {
  PolicyLog log(1000, 100, lru(false));
  log.store(0, {.size = 100});
  for (std::uint32_t key = 1; key <= 10; ++key) {
    log.store(key, {.size = 100});
    EXPECT_TRUE(log.find(0));
  }
  EXPECT_EQ(log.writes().rescued, 0u);
  EXPECT_EQ(log.bytes(), 1000u);
}

TEST(PolicyLog, CountsWhatThePolicyDeclines) {
  PolicyLog log(1000, 100, lru(false));
  log.store(0, {.size = 501});
  EXPECT_FALSE(log.find(0));
  EXPECT_EQ(log.writes().refused, 501u);
  EXPECT_EQ(log.bytes(), 0u);
}

TEST(PolicyLog, SavesWhatItsPolicySavesOnItsPart) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Trace trace = questions_about_pictures(seed, 2000, 40, 10);
    DiskWrites writes;
    const ReplayOutcome outcome = replay_policy_log(trace, lru(seed % 2 == 0), 100'000, writes);
    EXPECT_EQ(outcome.saved_ms, replay(trace, PolicyKind::lru, BudgetPlan::shared(50'000)).saved_ms);
    EXPECT_GE(writes.written(), writes.first);
  }
}

}  // namespace
}  // namespace fovea
