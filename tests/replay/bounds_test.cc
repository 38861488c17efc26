// The offline schedule, the upper bound and the ceiling, compared with all possible schedules (on tiny
// traces) and with every policy (on larger ones).
#include <gtest/gtest.h>

#include <algorithm>

#include "replay/best_schedule.h"
#include "replay/ceiling.h"
#include "replay/offline_greedy.h"
#include "replay/replay.h"
#include "replay/traces.h"
#include "replay/upper_bound.h"

namespace fovea {
namespace {

constexpr std::uint64_t overhead = Level::entry_overhead_bytes;
constexpr double rounding = 1 + 1e-12;  // sums in another order

ReplayOutcome greedy(const Trace& trace, std::uint64_t bytes_max) {
  return offline_greedy(trace, next_uses(trace), BudgetPlan::shared(bytes_max));
}

// Four embeddings and three responses in every combination, with sizes of 1 to 3 units and odd costs.
Trace tiny_trace(std::uint64_t seed) {
  TraceScript script(7);
  std::uint64_t state = mixed_bits(seed);
  const auto size = [&](std::uint32_t key) { return 1000 * (1 + mixed_bits(seed ^ key) % 3) - overhead; };
  while (script.trace().lookups.size() < 12) {
    script.request();
    if (draw(state, 2) == 0) {
      const std::uint32_t key = 4 + draw(state, 3);
      script.response(key, size(key), 1 + draw(state, 100));
    }
    for (std::uint32_t left = draw(state, 3); left > 0; --left) {
      const std::uint32_t key = draw(state, 4);
      script.embedding(key, size(key), 1 + draw(state, 50));
    }
    if (draw(state, 8) == 0) script.response(4, size(4), 1 + draw(state, 100));  // one that comes late
  }
  return script.trace();
}

TEST(Bounds, HoldAgainstEverySchedule) {
  int bound_is_tight = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Trace trace = tiny_trace(seed);
    const UpperBound bound(trace);
    for (const std::uint64_t bytes_max : {0, 1000, 2500, 4000, 6000, 100'000}) {
      const double best = BestSchedule(trace, bytes_max).saved_ms();
      EXPECT_LE(best, bound.saved_ms(bytes_max) * rounding) << bytes_max;
      EXPECT_LE(greedy(trace, bytes_max).saved_ms, best * rounding) << bytes_max;
      for (const PolicyKind policy : all_policies())
        EXPECT_LE(replay(trace, policy, BudgetPlan::shared(bytes_max)).saved_ms, best * rounding) << to_string(policy);
      bound_is_tight += best > 0 && bound.saved_ms(bytes_max) < 1.05 * best ? 1 : 0;
    }
  }
  EXPECT_GT(bound_is_tight, 100) << "a bound that is never near is useless";
}

TEST(Bounds, HoldOnLargerTraces) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Trace trace = questions_about_pictures(seed, 5000, 200, 6);
    const UpperBound bound(trace);
    const std::uint64_t all = working_set_bytes(trace);
    double last = 0;
    for (const std::uint64_t percent : {1, 5, 10, 25, 50, 100}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << percent << " %");
      const std::uint64_t bytes_max = all * percent / 100;
      const double most = bound.saved_ms(bytes_max);
      const double planned = greedy(trace, bytes_max).saved_ms;
      EXPECT_LE(planned, most * rounding);
      EXPECT_GE(most, last);
      for (const PolicyKind policy : all_policies()) {
        const double saved = replay(trace, policy, BudgetPlan::shared(bytes_max)).saved_ms;
        EXPECT_LE(saved, most * rounding) << to_string(policy);
      }
      EXPECT_LE(replay(trace, PolicyKind::lru, BudgetPlan::shared(bytes_max)).saved_ms, planned)
          << "knowing the future helps";
      last = most;
    }
    const double ceiling = compulsory_ceiling(trace).saved_ms;
    EXPECT_NEAR(bound.saved_ms(all), ceiling, ceiling * 1e-9) << "with room for all, only new keys miss";
    EXPECT_NEAR(greedy(trace, all).saved_ms, ceiling, ceiling * 1e-9);
  }
}

TEST(Bounds, SplitBudgetsStayBelowTheBoundOfTheirSum) {
  const Trace trace = questions_about_pictures(9, 5000, 200, 6);
  const std::uint64_t part = working_set_bytes(trace) / 20;
  const BudgetPlan plan = BudgetPlan::split({part, 0, part});
  const double most = UpperBound(trace).saved_ms(plan.total_bytes());
  EXPECT_LE(offline_greedy(trace, next_uses(trace), plan).saved_ms, most);
  for (const PolicyKind policy : all_policies()) EXPECT_LE(replay(trace, policy, plan).saved_ms, most);
}

}  // namespace
}  // namespace fovea
