// The tables of one scenario, from a run whose numbers can be checked by hand.
#include <algorithm>

#include "bench/paper_run.h"

namespace fovea {
namespace {

using ChapterScenario = PaperRun;

TEST_F(ChapterScenario, AMissCostsWhatControlsTookMore) {
  const Page page = bench_page(input);
  const Table* table = table_named(page, "paper-miss");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 1u) << "no other target got controls";
  EXPECT_EQ(table->rows[0][0], "both");
  EXPECT_EQ(table->rows[0][4], "10.0");
  EXPECT_EQ(table->rows[0][5], "+1.00");
}

TEST_F(ChapterScenario, LatenciesAreThoseOfTheFirstPass) {
  for (const double ms : {5.0, 7.0}) {
    runs[0].records.push_back(record(0, "both", ms, "hit", "hit"));
    runs[0].records.back().pass = 2;
  }
  runs[0].records.push_back(record(9, "both", 0, "miss", "miss"));
  runs[0].records.back().error = "gone";
  const Page page = bench_page(input);
  const Table* table = table_named(page, "paper-latencies");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 3u);
  const auto& both = table->rows[2];
  EXPECT_EQ(both[0], "both");
  EXPECT_EQ(both[1], "4") << "no control, no second pass, no failure";
  EXPECT_TRUE(both[2].starts_with("300 ±")) << both[2];
  EXPECT_EQ(both[3], "100");
  EXPECT_EQ(both[5], "1000");
  EXPECT_EQ(both[9], "7 of 7") << "controls are compared too";
  EXPECT_EQ(both[10], "1");
}

TEST_F(ChapterScenario, TilesAreCountedWhereAModelHasSeveralOfAnImage) {
  EXPECT_EQ(table_named(bench_page(input), "paper-tiles"), nullptr);
  for (BenchRecord& one : runs[0].records) {
    one.tiles = 5;
    one.tiles_encoded = one.target == "both" ? 1 : 5;
    one.pictures = 1;
  }
  const Page page = bench_page(input);
  const Table* table = table_named(page, "paper-tiles");
  ASSERT_NE(table, nullptr);
  const auto& both = table->rows.back();
  EXPECT_EQ(both[0], "both");
  EXPECT_EQ(both[1], "4");
  EXPECT_EQ(both[2], "20");
  EXPECT_EQ(both[3], "4");
}

TEST_F(ChapterScenario, CachingIsHashingLookingUpRestoringAndStoring) {
  for (BenchRecord& one : runs[0].records) {
    if (one.target == "both") one.stages = {{"hash", 1}, {"lookup", 2}, {"restore", 4}, {"store", 8}, {"encode", 64}};
  }
  const Page page = bench_page(input);
  const Figure* figure = nullptr;
  for (const PageBlock& block : page.blocks) {
    const auto* each = std::get_if<Figure>(&block);
    if (each != nullptr && each->name == "paper-stages") figure = each;
  }
  ASSERT_NE(figure, nullptr);
  const auto& bars = std::get<BarFigure>(figure->what);
  const auto caching = std::ranges::find(bars.series, "caching", &BarFigure::Series::name);
  ASSERT_NE(caching, bars.series.end());
  EXPECT_EQ(caching->values[2].value, 15);
  const Table* table = table_named(page, "paper-stages");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->rows[0][0], "encode");
  EXPECT_EQ(table->rows[0][3], "64.0");
}

TEST_F(ChapterScenario, EachKindOfRequestHasARow) {
  for (BenchRecord& one : runs[0].records) {
    if (one.request == 3 && one.kind != "control") one.kind = "repeat";
  }
  const Page page = bench_page(input);
  const Table* table = table_named(page, "paper-kinds");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[0], (std::vector<std::string>{"repeat", "25.0 %", "1000", "1.00", "1.00"}));
  EXPECT_EQ(table->rows[1][0], "fresh");
}

TEST_F(ChapterScenario, HitsOfALevelCountThoseAboveIt) {
  for (BenchRecord& one : runs[0].records) one.saved_ms = one.target == "both" && one.request < 4 ? 40 : 0;
  const Page page = bench_page(input);
  const Table* table = table_named(page, "paper-hits");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 2u) << "none has no levels";
  EXPECT_EQ(table->rows[1], (std::vector<std::string>{"both", "25.0 %", "25.0 %", "75.0 %", "10.0", "30.0"}));
}

TEST_F(ChapterScenario, MemoryIsTheMeanOverSeeds) {
  runs.push_back(runs[0]);
  runs[1].head.seed = 43;
  runs[1].tail.pictures = 3;
  runs[1].tail.holdings["both"][1] = {"embedding", 3, 6'000'000};
  group();
  const Page page = bench_page(input);
  const Table* table = table_named(page, "paper-memory");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[0], (std::vector<std::string>{"both", "embedding", "2", "3.81 MiB", "1.91 MiB"}));
}

TEST_F(ChapterScenario, RequestsAfterTheRestartHaveATableOfTheirOwn) {
  EXPECT_EQ(table_named(bench_page(input), "paper-restart"), nullptr);
  runs[0].head.scenario.restart_after = 0.5;
  for (BenchRecord& one : runs[0].records) one.restarted = one.request >= 2;
  group();
  const Page page = bench_page(input);
  const Table* table = table_named(page, "paper-restart");
  ASSERT_NE(table, nullptr);
  const auto& both = table->rows.back();
  EXPECT_EQ(both[1], "2");
  EXPECT_TRUE(both[2].starts_with("50")) << both[2];
  EXPECT_TRUE(both[4].starts_with("19.8x")) << both[4];
}

}  // namespace
}  // namespace fovea
