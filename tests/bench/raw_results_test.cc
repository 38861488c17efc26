#include "bench/raw_results.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace fovea {
namespace {

class BenchRecordFile : public testing::Test {
 protected:
  ~BenchRecordFile() override {
    std::filesystem::remove(path_);
    std::filesystem::remove(path_.string() + ".part");
  }
  const std::filesystem::path path_ = testing::TempDir() + "/fovea-bench-run-" + std::to_string(::getpid()) + ".jsonl";
};

BenchHead some_head() {
  BenchHead head{.seed = 7, .targets = {{"none", "all anew", 5}}, .load = "in turns", .machine = "a \"machine\""};
  head.scenario.workload.name = "mine";
  return head;
}

TEST_F(BenchRecordFile, WhatIsWrittenIsRead) {
  auto writer = BenchRunWriter::open(path_, some_head());
  ASSERT_TRUE(writer);
  const BenchRecord record{.request = 3,
                           .target = "none",
                           .kind = "fresh",
                           .total_ms = 12.5,
                           .levels = {{"response", "miss"}},
                           .stages = {{"encode", 10.25}},
                           .error = "it's\n\"broken\"\x01"};
  ASSERT_TRUE(writer->add(record));
  EXPECT_FALSE(std::filesystem::exists(path_)) << "not before it is whole";
  ASSERT_TRUE(writer->finish({.took_ms = 99, .pictures = 2, .holdings = {{"none", {{"response", 1, 100}}}}}));
  const auto run = read_bench_run(path_);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->head.seed, 7u);
  EXPECT_EQ(run->head.scenario.workload.name, "mine");
  EXPECT_EQ(run->head.scenario.workload.models.size(), 1u);
  EXPECT_EQ(run->head.targets[0].every, 5u);
  ASSERT_EQ(run->records.size(), 1u);
  EXPECT_EQ(run->records[0].total_ms, 12.5);
  EXPECT_EQ(run->records[0].levels.at("response"), "miss");
  EXPECT_EQ(run->records[0].stages.at("encode"), 10.25);
  EXPECT_EQ(run->records[0].error, record.error);
  EXPECT_EQ(run->tail.holdings.at("none")[0].bytes, 100u);
}

TEST_F(BenchRecordFile, WhatIsBrokenIsToldWithItsLine) {
  const auto fault_of = [&](const std::string& text) {
    std::ofstream(path_) << text;
    const auto run = read_bench_run(path_);
    EXPECT_FALSE(run) << text;
    return run ? std::string() : run.error().message;
  };
  const std::string before = R"({"fovea_bench":1,"scenario":{"workload":{"name":"a")";
  const std::string head = before + R"(,"models":[{}]}},"targets":[{"name":"all"}]})";
  EXPECT_TRUE(fault_of(before + R"(,"images":0,"models":[{}]}},"targets":[{"name":"all"}]})"
                                "\n")
                  .contains("images"));
  EXPECT_TRUE(fault_of(before + R"(,"models":[{}]}}})"
                                "\n")
                  .contains("nobody"));
  for (const char* record : {R"({"total_ms":0})", R"({"total_ms":-1})", R"({"total_ms":1e200})",
                             R"({"total_ms":1,"stages":{"encode":1e300}})"})
    EXPECT_TRUE(fault_of(head + "\n" + record + "\n{\"end\":true}\n").contains("line 2")) << record;
  EXPECT_TRUE(fault_of("").contains("is empty"));
  EXPECT_TRUE(fault_of(head + "\n").contains("broken off"));
  EXPECT_TRUE(fault_of(head + "\n{\"request\":\"x\"}\n").contains("line 2"));
  EXPECT_TRUE(fault_of("{\"fovea_bench\":9}\n{\"end\":true}\n").contains("format 9"));
  EXPECT_TRUE(fault_of("no json\n").contains("line 1"));
}

}  // namespace
}  // namespace fovea
