// The bound on traces small enough to follow by hand. bounds_test compares it with all schedules.
#include "replay/upper_bound.h"

#include <gtest/gtest.h>

#include "fovea/level.h"
#include "replay/traces.h"

namespace fovea {
namespace {

constexpr std::uint64_t overhead = Level::entry_overhead_bytes;

// Every other look-up has the same key, charged twice the budget: half of its hits fit into the space-time.
TEST(UpperBound, IsAKnapsackOfSpaceTime) {
  TraceScript script(9);
  for (std::uint32_t i = 0; i < 9; ++i) script.request().embedding(i % 2 == 0 ? 0 : i, 2000 - overhead, 10);
  const UpperBound bound(script.trace());
  EXPECT_DOUBLE_EQ(bound.saved_ms(2000), 40);
  EXPECT_DOUBLE_EQ(bound.saved_ms(1000), 20);
  EXPECT_DOUBLE_EQ(bound.saved_ms(0), 0);
  EXPECT_DOUBLE_EQ(bound.saved_ms(UINT64_MAX), 40);
}

// A request saves its response or its embedding, but not both, even if there is room for both.
TEST(UpperBound, CountsARequestOnce) {
  TraceScript script(2);
  for (int i = 0; i < 2; ++i) script.request().response(0, 680, 100).embedding(1, 680, 60);
  EXPECT_DOUBLE_EQ(UpperBound(script.trace()).saved_ms(1 << 20), 100);
}

TEST(UpperBound, OfNothingIsNothing) {
  EXPECT_EQ(UpperBound(Trace{}).saved_ms(1000), 0);
  TraceScript once(1);
  once.request().embedding(0, 1, 1);
  EXPECT_EQ(UpperBound(once.trace()).saved_ms(1000), 0);
}

}  // namespace
}  // namespace fovea
