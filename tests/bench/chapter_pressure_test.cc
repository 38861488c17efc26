#include "bench/paper_run.h"

namespace fovea {
namespace {

using ChapterPressure = PaperRun;

TEST_F(ChapterPressure, SaysWhichPolicySavesMore) {
  PressureStudy study{
      .load = "A load.", .budgets = {0.1, 0.5}, .policies = {{"lru", {}}, {"value", {}}}, .ceiling = {{}, {}}};
  study.policies[0].saved = study.policies[1].saved = {{}, {}};
  for (int seed = 0; seed < 10; ++seed) {
    study.policies[0].saved[0].push_back(0.2 + 0.001 * seed);
    study.policies[1].saved[0].push_back(0.3 + 0.002 * seed);
    study.policies[0].saved[1].push_back(0.5);
    study.policies[1].saved[1].push_back(0.5);
    for (auto& seeds : study.ceiling) seeds.push_back(0.6);
  }
  input.pressure = study;
  const Page page = bench_page(input);
  const Table* table = table_named(page, "pressure-verdict");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->rows[0], (std::vector<std::string>{"value", "+10.4 *", "+0.0"}));
}

TEST_F(ChapterPressure, GrowthIsInPercent) {
  input.growth = {.load = "A load.", .points = {{100, {0.5, 0.25, 0.75}, 2e9}, {1000, {0.125, 0.125, 0.125}, 2e10}}};
  const Page page = bench_page(input);
  const Table* table = table_named(page, "growth");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->rows[0], (std::vector<std::string>{"100", "2.00", "50 ± 25"}));
  EXPECT_EQ(table->rows[1], (std::vector<std::string>{"1000", "20.0", "12.5"}));
}

}  // namespace
}  // namespace fovea
