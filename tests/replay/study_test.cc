// A study has, for each policy and budget, the results of the functions that it calls, in the given order.
#include "replay/study.h"

#include <gtest/gtest.h>

#include "replay/ceiling.h"
#include "replay/offline_greedy.h"
#include "replay/replay.h"
#include "replay/traces.h"
#include "replay/upper_bound.h"

namespace fovea {
namespace {

class StudyTest : public testing::Test {
 protected:
  StudyTest() : trace(questions_about_pictures(3, 1000, 50, 4)) {
    trace.name = "questions";
    const std::uint64_t all = working_set_bytes(trace);
    budgets = {{"10%", BudgetPlan::shared(all / 10)}, {"split", BudgetPlan::split({all / 4, 0, all / 20})}};
  }
  Trace trace;
  std::vector<StudyBudget> budgets;
  const std::vector<PolicyKind> policies{PolicyKind::value, PolicyKind::lru};
};

TEST_F(StudyTest, HasARowForEachPolicyUnderEachBudget) {
  const Study result = study(trace, policies, budgets);
  ASSERT_EQ(result.budgets.size(), 2u);
  for (const StudyAtBudget& at : result.budgets) {
    SCOPED_TRACE(at.budget.label);
    ASSERT_EQ(at.rows.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(at.rows[i].policy, policies[i]);
      EXPECT_EQ(at.rows[i].outcome.saved_ms, replay(trace, policies[i], at.budget.plan).saved_ms);
      EXPECT_LE(at.rows[i].outcome.saved_ms, at.upper_bound_ms);
    }
    EXPECT_EQ(at.offline_greedy.saved_ms, offline_greedy(trace, next_uses(trace), at.budget.plan).saved_ms);
    EXPECT_EQ(at.upper_bound_ms, UpperBound(trace).saved_ms(at.budget.plan.total_bytes()));
  }
  EXPECT_NE(result.budgets[0].rows[0].outcome.saved_ms, result.budgets[0].rows[1].outcome.saved_ms);
  EXPECT_EQ(result.budgets[0].budget.label, "10%");
}

TEST_F(StudyTest, SaysWhatTheTraceIs) {
  const Study result = study(trace, {}, {});
  EXPECT_EQ(result.trace, "questions");
  EXPECT_EQ(result.requests, 1000u);
  EXPECT_EQ(result.lookups, trace.lookups.size());
  EXPECT_EQ(result.keys, trace.keys);
  EXPECT_EQ(result.working_set_bytes, working_set_bytes(trace));
  EXPECT_EQ(result.ceiling.saved_ms, compulsory_ceiling(trace).saved_ms);
  EXPECT_TRUE(result.budgets.empty());
}

TEST_F(StudyTest, ProgressRises) {
  const Trace long_trace = questions_about_pictures(1, 70'000, 50, 4);  // progress is reported every 65,536 requests
  std::vector<double> fractions;
  study(long_trace, policies, budgets, [&](double fraction) { fractions.push_back(fraction); });
  ASSERT_EQ(fractions.size(), budgets.size() * (policies.size() + 1)) << "one for each replay and each greedy schedule";
  double last = 0;
  for (const double fraction : fractions) {
    EXPECT_GT(fraction, last);
    EXPECT_LT(fraction, 1);
    last = fraction;
  }
}

}  // namespace
}  // namespace fovea
