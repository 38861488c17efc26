#include "bench/paper_run.h"

namespace fovea {
namespace {

using ChapterMethod = PaperRun;

TEST_F(ChapterMethod, EveryRunHasARowAndEveryMachineAndCommandALine) {
  runs.push_back(runs[0]);
  runs[1].head.seed = 43;
  runs[1].head.started = "2026-11-22T02:39:39Z";
  runs[1].head.command = "fovea bench --seeds 43";
  runs[1].tail.took_ms = 90'000;
  group();
  const Page page = bench_page(input);
  const Table* table = table_named(page, "runs");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->rows[1][1], "43");
  EXPECT_EQ(table->rows[1][6], "1.5");
  EXPECT_EQ(table->rows[1][7], "2026-11-22T02:39:39Z");
  const auto& machines = std::get<Bullets>(*(page.blocks.end() - 2)).items;
  ASSERT_EQ(machines.size(), 1u) << "a machine is named once";
  EXPECT_TRUE(machines[0].starts_with("a machine"));
  EXPECT_EQ(std::get<Listing>(page.blocks.back()).text, "fovea bench\nfovea bench --seeds 43\n");
}

}  // namespace
}  // namespace fovea
