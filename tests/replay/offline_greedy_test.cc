// The schedule on traces small enough to follow by hand. bounds_test compares it with all schedules.
#include "replay/offline_greedy.h"

#include <gtest/gtest.h>

#include "replay/best_schedule.h"
#include "replay/traces.h"

namespace fovea {
namespace {

constexpr std::uint64_t overhead = Level::entry_overhead_bytes;

ReplayOutcome greedy(const Trace& trace, std::uint64_t bytes_max) {
  return offline_greedy(trace, next_uses(trace), BudgetPlan::shared(bytes_max));
}

TEST(OfflineGreedy, KeepsWhatSavesMostPerByteAndWait) {
  TraceScript script(3);
  script.request().embedding(0, 1000 - overhead, 10).request().embedding(1, 1000 - overhead, 50);
  script.request().embedding(2, 1000 - overhead, 99);  // never again: not kept
  script.request().embedding(0, 1000 - overhead, 10).request().embedding(1, 1000 - overhead, 50);
  const ReplayOutcome one = greedy(script.trace(), 1000);
  EXPECT_EQ(one.saved_ms, 50);
  EXPECT_EQ(one.evictions, 1u);
  EXPECT_EQ(greedy(script.trace(), 2000).saved_ms, 60);
}

// With one size and one cost the greedy rule is Belady's, which is optimal.
TEST(OfflineGreedy, IsTheBestScheduleWhereAllEntriesAreAlike) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    TraceScript script(6);
    std::uint64_t state = mixed_bits(seed);
    for (int i = 0; i < 14; ++i) script.request().embedding(draw(state, 6), 1000 - overhead, 10);
    for (const std::uint64_t bytes_max : {1000, 2000, 3000}) {
      EXPECT_EQ(greedy(script.trace(), bytes_max).saved_ms, BestSchedule(script.trace(), bytes_max).saved_ms());
    }
  }
}

}  // namespace
}  // namespace fovea
