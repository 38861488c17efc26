#include <tuple>

#include "bench/paper_run.h"

namespace fovea {
namespace {

using ChapterPolicies = PaperRun;

// The run of the paper's load, with two policies as its targets.
BenchRun policies_run(const char* second_embedding) {
  BenchRun run = papers_run();
  run.head.targets = {{"none", "all anew", 1}, {"both:lru", "two levels", 1}, {"both:importance", "two levels", 1}};
  std::erase_if(run.records, [](const BenchRecord& record) { return record.target == "response"; });
  std::vector<BenchRecord> others;
  for (BenchRecord& one : run.records) {
    if (one.target != "both") continue;
    one.target = "both:lru";
    others.push_back(one);
    others.back().target = "both:importance";
    others.back().total_ms += one.request + 1;
    if (one.request == 2) others.back().levels["embedding"] = second_embedding;
  }
  run.records.insert(run.records.end(), others.begin(), others.end());
  return run;
}

TEST_F(ChapterPolicies, PoliciesThatReallyRanAreCompared) {
  for (const auto& [embedding, hits, word] :
       {std::tuple{"hit", "75.0 %", "nothing has to be evicted"}, {"miss", "50.0 %", "do not choose alike"}}) {
    runs = {policies_run(embedding)};
    group();
    const Page page = bench_page(input);
    const Table* table = table_named(page, "table-3");
    ASSERT_NE(table, nullptr);
    ASSERT_EQ(table->rows.size(), 2u);
    EXPECT_EQ(table->rows[0][4], "") << "the first policy is compared with no other";
    EXPECT_EQ(table->rows[1][0], "importance");
    EXPECT_EQ(table->rows[1][2], hits);
    EXPECT_TRUE(table->rows[1][4].starts_with("2.5 ±")) << table->rows[1][4];
    EXPECT_TRUE(says(page, word)) << word;
  }
}

}  // namespace
}  // namespace fovea
