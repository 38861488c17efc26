#include "bench/finished_runs.h"

#include <fstream>
#include <iterator>

#include "bench/packed.h"

namespace fovea {
namespace {

class FinishedRuns : public testing::Test {
 protected:
  FinishedRuns() { std::filesystem::create_directories(raw_folder(report.path())); }

  // A finished run in the folder, begun at `started`.
  void add(const std::string& name, const std::string& started) const {
    BenchHead head{.seed = 1, .targets = {{"all", "", 1}}, .started = started};
    head.scenario.workload.name = "mine";
    auto writer = BenchRunWriter::open(raw_folder(report.path()) / name, head);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->add({.target = "all", .kind = "fresh", .total_ms = 1}));
    ASSERT_TRUE(writer->finish({.took_ms = 1}));
  }

  // Packs all files of the folder, and removes them.
  void pack_folder() const {
    std::vector<PackedEntry> entries;
    for (const auto& entry : std::filesystem::directory_iterator(raw_folder(report.path()))) {
      std::ifstream file(entry.path(), std::ios::binary);
      entries.push_back({"raw/" + entry.path().filename().string(), {std::istreambuf_iterator<char>(file), {}}});
    }
    pack(raw_archive(report.path()), entries);
    std::filesystem::remove_all(raw_folder(report.path()));
  }

  std::vector<std::string> started() const {
    const auto runs = read_finished_runs(report.path());
    EXPECT_TRUE(runs) << runs.error().message;
    std::vector<std::string> all;
    if (runs) {
      for (const BenchRun& run : *runs) all.push_back(run.head.started);
    }
    return all;
  }

  const TestFolder report{"finished-runs-test"};
};

TEST_F(FinishedRuns, ComeInTheOrderInWhichTheyWereBegun) {
  add("a.jsonl", "2");
  add("b.jsonl", "1");
  add("c.jsonl", "1");
  std::ofstream(raw_folder(report.path()) / "d.jsonl.part") << "not finished";
  EXPECT_EQ(started(), (std::vector<std::string>{"1", "1", "2"}));
  EXPECT_EQ(finished_run_names(report.path()).value(), (std::set<std::string>{"a.jsonl", "b.jsonl", "c.jsonl"}));
}

TEST_F(FinishedRuns, ComeFromAnArchiveAlike) {
  add("a.jsonl", "2");
  add("b.jsonl", "1");
  const auto plain = started();
  pack_folder();
  EXPECT_EQ(started(), plain);
  EXPECT_EQ(finished_run_names(report.path()).value(), (std::set<std::string>{"a.jsonl", "b.jsonl"}));
}

TEST_F(FinishedRuns, APlainFileGoesBeforeThePackedOneOfItsName) {
  add("a.jsonl", "1");
  add("b.jsonl", "2");
  pack_folder();
  std::filesystem::create_directories(raw_folder(report.path()));
  add("b.jsonl", "3");
  add("c.jsonl", "4");
  EXPECT_EQ(started(), (std::vector<std::string>{"1", "3", "4"}));
  EXPECT_EQ(finished_run_names(report.path())->size(), 3u);
}

TEST_F(FinishedRuns, ADamagedArchiveIsNotPassedOver) {
  add("a.jsonl", "1");
  std::ofstream(raw_archive(report.path())) << "no archive";
  const auto runs = read_finished_runs(report.path());
  ASSERT_FALSE(runs);
  EXPECT_EQ(runs.error().fault, Fault::corrupt);
  EXPECT_FALSE(finished_run_names(report.path()));
}

TEST_F(FinishedRuns, APackedRunThatIsBrokenIsNamed) {
  pack(raw_archive(report.path()), {{"raw/a.jsonl", "{\"fovea_bench\":9}\n"}});
  const auto runs = read_finished_runs(report.path());
  ASSERT_FALSE(runs);
  EXPECT_TRUE(runs.error().message.contains("raw.tar.xz: a.jsonl: is of format 9")) << runs.error().message;
}

TEST_F(FinishedRuns, NoneIsAFault) {
  for (const bool folder_too : {true, false}) {
    if (!folder_too) std::filesystem::remove_all(raw_folder(report.path()));
    const auto runs = read_finished_runs(report.path());
    ASSERT_FALSE(runs);
    EXPECT_EQ(runs.error().fault, Fault::not_found);
    EXPECT_TRUE(runs.error().message.contains("no finished runs"));
    EXPECT_TRUE(finished_run_names(report.path()).value().empty()) << "a bench may begin here";
  }
}

}  // namespace
}  // namespace fovea
