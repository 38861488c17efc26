#include "app/bench_pressure.h"

#include <gtest/gtest.h>

#include "app/output/bench_groups.h"
#include "fovea/policy_kind.h"

namespace fovea::app {
namespace {

// The studies replay a load of this size under twenty seeds; they raise it to 10,000 requests.
Workload workload() { return {.name = "paper", .about = "A load.", .images = 20}; }

TEST(BenchPressure, EntriesCostWhatWasMeasured) {
  const auto runs = known_runs();
  const auto groups = groups_of(runs);
  const auto model = measured_model(groups.front());
  ASSERT_TRUE(model);
  EXPECT_EQ(model->embedding_bytes, 500'000u);
  EXPECT_EQ(model->response_bytes, 1000u);
  // With all levels the requests take 50 ms on average: half of it encodes, the rest reads and generates.
  EXPECT_EQ(model->encode_ms, 25);
  EXPECT_EQ(model->generate_ms, 25);
}

TEST(BenchPressure, WithoutLevelsNothingWasMeasured) {
  auto runs = known_runs();
  runs.front().tail.holdings.clear();
  const auto groups = groups_of(runs);
  EXPECT_FALSE(measured_model(groups.front()));
}

TEST(BenchPressure, EveryPolicyStaysBelowTheCeiling) {
  double progress = 0;
  const PressureStudy study = study_pressure(workload(), {}, [&](double part) { progress = part; });
  EXPECT_EQ(study.policies.size(), all_policies().size());
  ASSERT_FALSE(study.budgets.empty());
  EXPECT_DOUBLE_EQ(progress, 1);
  for (std::size_t budget = 0; budget < study.budgets.size(); ++budget) {
    ASSERT_EQ(study.ceiling[budget].size(), 20u) << "one for each seed";
    for (const auto& policy : study.policies) {
      ASSERT_EQ(policy.saved[budget].size(), 20u) << policy.name;
      for (std::size_t seed = 0; seed < 20; ++seed)
        EXPECT_LE(policy.saved[budget][seed], study.ceiling[budget][seed] + 1e-9) << policy.name;
    }
  }
}

TEST(BenchPressure, ABudgetIsWorthLessWhenThereAreMorePictures) {
  const GrowthStudy study = study_growth(workload(), {}, {});
  ASSERT_GE(study.points.size(), 2u);
  for (std::size_t i = 1; i < study.points.size(); ++i) {
    EXPECT_GT(study.points[i].pictures, study.points[i - 1].pictures);
    EXPECT_GT(study.points[i].working_set_bytes, study.points[i - 1].working_set_bytes);
  }
  EXPECT_LT(study.points.back().saved.value, study.points.front().saved.value);
}

}  // namespace
}  // namespace fovea::app
