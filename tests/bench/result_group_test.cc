#include "bench/result_group.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

BenchRecord record(std::uint32_t request, const char* target, double ms, const char* kind = "fresh") {
  return {.request = request, .target = target, .kind = kind, .total_ms = ms, .answer = "x"};
}

BenchRun run_of(std::uint64_t seed, std::vector<BenchRecord> records) {
  BenchRun run;
  run.head.scenario.workload.name = "t";
  run.head.seed = seed;
  run.head.targets = {{"none", "", 1}, {"all", "", 1}};
  run.records = std::move(records);
  return run;
}

TEST(BenchGroup, SeedsAreTogetherAndWhatDiffersApart) {
  std::vector<BenchRun> runs = {run_of(2, {}), run_of(1, {}), run_of(1, {})};
  runs[2].head.load = "4 clients";
  const auto groups = groups_of(runs);
  ASSERT_EQ(groups.size(), 2u);
  ASSERT_EQ(groups[0].runs.size(), 2u);
  EXPECT_EQ(groups[0].runs[0]->head.seed, 1u);
  EXPECT_EQ(groups[0].baseline(), "none");
  EXPECT_EQ(groups[0].number, 1u);
  EXPECT_EQ(groups[1].number, 2u);
  runs[0].head.targets = {{"mine", "", 1}, {"theirs", "", 1}};
  EXPECT_EQ(groups_of(std::span(runs).first(1))[0].baseline(), "theirs");
}

TEST(BenchGroup, PairsAreTheSameRequests) {
  const std::vector<BenchRun> runs = {
      run_of(1, {record(0, "none", 10), record(1, "none", 20), record(0, "all", 1), record(2, "all", 5)}),
      run_of(2, {record(0, "none", 30), record(0, "all", 3)})};
  const auto group = groups_of(runs)[0];
  const auto pairs = paired_totals(group, "none", "all", is_cold);
  EXPECT_EQ(pairs.first, (std::vector<double>{10, 30}));
  EXPECT_EQ(pairs.second, (std::vector<double>{1, 3}));
  EXPECT_EQ(pairs.differences(), (std::vector<double>{9, 27}));
  EXPECT_EQ(totals(group, "none", is_cold), (std::vector<double>{10, 20, 30}));
}

TEST(BenchGroup, SpeedupIsTheRatioOfMeans) {
  const std::vector<BenchRun> runs = {
      run_of(1, {record(0, "none", 10), record(1, "none", 30), record(0, "all", 2), record(1, "all", 2)})};
  const auto group = groups_of(runs)[0];
  EXPECT_DOUBLE_EQ(speedup(group, "all", is_cold)->value, 10);
  EXPECT_FALSE(speedup(group, "all", is_warm)) << "there was no second pass";
}

TEST(BenchGroup, ControlsAndFailuresAreNotTheScenario) {
  BenchRecord failed = record(2, "all", 0);
  failed.error = "gone";
  BenchRecord again = record(0, "all", 1);
  again.pass = 2;
  const std::vector<BenchRun> runs = {
      run_of(1, {record(0, "all", 4), record(1, "all", 100, "control"), failed, again})};
  const auto group = groups_of(runs)[0];
  EXPECT_EQ(totals(group, "all", is_cold), std::vector<double>{4});
  EXPECT_EQ(totals(group, "all", is_control), std::vector<double>{100});
  EXPECT_EQ(totals(group, "all", is_warm), std::vector<double>{1});
}

TEST(BenchGroup, AHitAboveMakesALevelUnneeded) {
  std::vector<BenchRecord> records = {record(0, "all", 1), record(1, "all", 1), record(2, "all", 1),
                                      record(3, "all", 1)};
  records[0].levels = {{"response", "hit"}, {"prefix", "bypass"}, {"embedding", "bypass"}};
  records[1].levels = {{"response", "miss"}, {"prefix", "hit"}, {"embedding", "bypass"}};
  records[2].levels = {{"response", "miss"}, {"prefix", "miss"}, {"embedding", "hit"}};
  records[3].levels = {{"response", "miss"}, {"prefix", "miss"}, {"embedding", "miss"}};
  const std::vector<BenchRun> runs = {run_of(1, records)};
  const auto group = groups_of(runs)[0];
  EXPECT_EQ(hit_share(group, "all", "response", is_cold), 0.25);
  EXPECT_EQ(hit_share(group, "all", "prefix", is_cold), 0.5);
  EXPECT_EQ(hit_share(group, "all", "embedding", is_cold), 0.75);
  EXPECT_EQ(hit_share(group, "unknown", "response", is_cold), 0);
}

TEST(BenchGroup, StagesAreMeansAndTheRestIsOther) {
  std::vector<BenchRecord> records = {record(0, "all", 10), record(1, "all", 20)};
  records[0].stages = {{"encode", 8}};
  records[1].stages = {{"generate", 18}};
  const std::vector<BenchRun> runs = {run_of(1, records)};
  const auto stages = mean_stages(groups_of(runs)[0], "all", is_cold);
  EXPECT_EQ(stages, (std::map<std::string, double>{{"encode", 4}, {"generate", 9}, {"other", 2}}));
}

TEST(BenchGroup, AnswersAreComparedWhereBothCame) {
  std::vector<BenchRecord> records = {record(0, "none", 1), record(0, "all", 1), record(1, "none", 1),
                                      record(1, "all", 1), record(2, "all", 1)};
  records[3].answer = "y";
  const std::vector<BenchRun> runs = {run_of(1, records)};
  const Agreement agreed = agreement(groups_of(runs)[0], "all", "none");
  EXPECT_EQ(agreed.same, 1u);
  EXPECT_EQ(agreed.compared, 2u);
}

}  // namespace
}  // namespace fovea
