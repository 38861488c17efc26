#include "bench/paper_run.h"

namespace fovea {
namespace {

using BenchPage = PaperRun;

TEST_F(BenchPage, EveryRowHasAsManyCellsAsItsHead) {
  input.prices = {2.0, 0.01, 65.0};
  std::size_t tables = 0;
  for (const PageBlock& block : bench_page(input).blocks) {
    const auto* table = std::get_if<Table>(&block);
    if (table == nullptr) continue;
    ++tables;
    EXPECT_FALSE(table->rows.empty()) << table->name;
    for (const auto& row : table->rows) EXPECT_EQ(row.size(), table->head.size()) << table->name;
  }
  EXPECT_GE(tables, 8u);
}

TEST_F(BenchPage, NothingButFailuresMakesAPageAllTheSame) {
  for (BenchRecord& failed : runs[0].records) failed.error = "gone";
  EXPECT_FALSE(bench_page(input).blocks.empty());
}

TEST_F(BenchPage, TheSummaryHasARowForEachButTheBaseline) {
  const Page page = bench_page(input);
  const Table* table = table_named(page, "summary");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[1][2], "both");
  EXPECT_EQ(table->rows[1][3], "none");
  EXPECT_TRUE(table->rows[1][4].starts_with("3.33x")) << table->rows[1][4];
  EXPECT_EQ(table->rows[1][5], "-") << "there was one pass";
  EXPECT_EQ(table->rows[1][8], "4");
}

}  // namespace
}  // namespace fovea
