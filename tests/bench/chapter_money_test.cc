#include "bench/paper_run.h"

namespace fovea {
namespace {

using ChapterMoney = PaperRun;

TEST_F(ChapterMoney, PricesAreAppliedToTheSavedHours) {
  input.prices = {.per_gpu_hour = 3.6, .per_1k_image_tokens = 1, .watts = 100};
  const Page page = bench_page(input);
  const Table* table = table_named(page, "economics");
  ASSERT_NE(table, nullptr);
  // Each of 1,000 requests saves 699.75 ms: 0.194 h. Three of four answers needed no encode of their picture.
  EXPECT_EQ(table->rows[1], (std::vector<std::string>{"paper", "both", "0.194", "48000", "0.0194", "0.700", "48.0"}));
}

TEST_F(ChapterMoney, WithoutPricesThereAreHoursAndTokensAlone) {
  const Page page = bench_page(input);
  const Table* table = table_named(page, "economics");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->head.size(), 4u);
  EXPECT_EQ(table->rows[1], (std::vector<std::string>{"paper", "both", "0.194", "48000"}));
}

TEST_F(ChapterMoney, WithoutABaselineNothingIsSaved) {
  for (BenchRecord& one : runs[0].records) {
    if (one.target == "none") one.error = "gone";
  }
  group();
  EXPECT_EQ(table_named(bench_page(input), "economics"), nullptr);
}

}  // namespace
}  // namespace fovea
