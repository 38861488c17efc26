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
  EXPECT_FALSE(std::filesystem::exists(path_)) << "not before it is complete";
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

// `text` with version 1's word for a target in place of WORD.
std::string with_old_word(std::string text) {
  constexpr std::string_view word = "WORD", old_word = "subject";  // the old name
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += old_word.size())
    text.replace(at, word.size(), old_word);
  return text;
}

// Lines as Fovea 0.1 wrote them. Texts may hold anything, also the keys that have changed.
TEST_F(BenchRecordFile, VersionOneIsReadAsVersionTwo) {
  const std::string about = with_old_word(R"(,"WORDs":)"), error = with_old_word(R"(,"WORD":"x")");
  std::ofstream(path_) << with_old_word(
      R"({"fovea_bench":1,"scenario":{"workload":{"name":"a","about":",\"WORDs\":","models":[{}]}},"seed":7,)"
      R"("WORDs":[{"name":"both","about":"says ,\"WORD\":","every":1}],"load":"in turns"})"
      "\n"
      R"({"request":3,"WORD":"both","kind":"fresh","total_ms":9,"stages":{"encode":1,"lookup":2,"name":3},)"
      R"("error":",\"WORD\":\"x\""})"
      "\n"
      R"({"request":4,"WORD":"WORD","kind":"fresh","total_ms":8,"stages":{}})"
      "\n"
      R"({"end":true,"took_ms":5,"pictures":1,"holdings":{}})"
      "\n");
  const auto run = read_bench_run(path_);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->head.fovea_bench, 2u);
  EXPECT_EQ(run->head.seed, 7u);
  EXPECT_EQ(run->head.scenario.workload.about, about);
  ASSERT_EQ(run->head.targets.size(), 1u);
  EXPECT_EQ(run->head.targets[0].name, "both");
  EXPECT_EQ(run->head.targets[0].about, with_old_word(R"(says ,"WORD":)"));
  ASSERT_EQ(run->records.size(), 2u);
  EXPECT_EQ(run->records[0].target, "both");
  EXPECT_EQ(run->records[0].stages, (std::map<std::string, double>{{"encode", 1}, {"hash", 3}, {"lookup", 2}}));
  EXPECT_EQ(run->records[0].error, error);
  EXPECT_EQ(run->records[1].target, with_old_word("WORD"));
}

// An old key in a new file is a mistake, as any unknown key is.
TEST_F(BenchRecordFile, VersionTwoHasNoOldKeys) {
  const std::string head =
      R"({"fovea_bench":2,"scenario":{"workload":{"name":"a","models":[{}]}},"targets":[{"name":"x"}]})";
  std::ofstream(path_) << head << with_old_word("\n{\"request\":3,\"WORD\":\"x\",\"total_ms\":9}\n");
  const auto run = read_bench_run(path_);
  ASSERT_FALSE(run);
  EXPECT_TRUE(run.error().message.contains("line 2")) << run.error().message;
}

TEST_F(BenchRecordFile, WhatIsWrittenNamesItsVersion) {
  ASSERT_TRUE(BenchRunWriter::open(path_, some_head()));
  std::ifstream file(path_.string() + ".part");
  std::string head;
  std::getline(file, head);
  EXPECT_TRUE(head.starts_with(R"({"fovea_bench":2,)")) << head;
}

TEST_F(BenchRecordFile, WhatIsBrokenIsToldWithItsLine) {
  const auto fault_of = [&](const std::string& text) {
    std::ofstream(path_) << text;
    const auto run = read_bench_run(path_);
    EXPECT_FALSE(run) << text;
    return run ? std::string() : run.error().message;
  };
  const std::string before = R"({"fovea_bench":2,"scenario":{"workload":{"name":"a")";
  const std::string head = before + R"(,"models":[{}]}},"targets":[{"name":"all"}]})";
  EXPECT_TRUE(fault_of(before + R"(,"images":0,"models":[{}]}},"targets":[{"name":"all"}]})"
                                "\n")
                  .contains("images"));
  EXPECT_TRUE(fault_of(before + R"(,"models":[{}]}}})"
                                "\n")
                  .contains("no target"));
  for (const char* record : {R"({"total_ms":0})", R"({"total_ms":-1})", R"({"total_ms":1e200})",
                             R"({"total_ms":1,"stages":{"encode":1e300}})"})
    EXPECT_TRUE(fault_of(head + "\n" + record + "\n{\"end\":true}\n").contains("line 2")) << record;
  EXPECT_TRUE(fault_of("").contains("is empty"));
  EXPECT_TRUE(fault_of(head + "\n").contains("was cut off"));
  EXPECT_TRUE(fault_of(head + "\n{\"request\":\"x\"}\n").contains("line 2"));
  EXPECT_TRUE(fault_of("{\"fovea_bench\":9}\n{\"end\":true}\n").contains("format 9"));
  EXPECT_TRUE(fault_of("{\"something\":9}\n{\"end\":true}\n").contains("format 0"));
  EXPECT_TRUE(fault_of("no json\n").contains("line 1"));
}

}  // namespace
}  // namespace fovea
