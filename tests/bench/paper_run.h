// A run of the paper's load, small enough to check numbers by hand, for the tests of reports and their
// chapters.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "bench/bench_page.h"

namespace fovea {

inline BenchRecord record(std::uint32_t request, const char* target, double ms, const char* response,
                          const char* embedding) {
  return {.request = request,
          .target = target,
          .kind = "fresh",
          .pictures = 1,
          .total_ms = ms,
          .levels = {{"response", response}, {"prefix", "bypass"}, {"embedding", embedding}},
          .stages = {{"lookup", 0.5}, {"generate", ms / 2}},
          .answer = "x"};
}

// Four requests: without cache they take 1,000 ms, from stored embeddings 100 ms, and with a stored answer 1
// ms.
inline BenchRun papers_run() {
  BenchRun run;
  run.head.scenario.workload.name = "paper";
  run.head.scenario.workload.about = "A load.";
  run.head.seed = 42;
  run.head.image_tokens = 64;
  run.head.machine = "a machine";
  run.head.command = "fovea bench";
  run.head.targets = {{"none", "all anew", 1}, {"response", "answers", 1}, {"both", "two levels", 1}};
  for (std::uint32_t i = 0; i < 4; ++i) run.records.push_back(record(i, "none", 1000, "bypass", "bypass"));
  const double responses[] = {1000, 1000, 1000, 1}, both[] = {1000, 100, 100, 1};
  for (std::uint32_t i = 0; i < 4; ++i) {
    run.records.push_back(record(i, "response", responses[i], i == 3 ? "hit" : "miss", "bypass"));
    run.records.push_back(record(i, "both", both[i], i == 3 ? "hit" : "miss", i == 0 || i == 3 ? "miss" : "hit"));
  }
  for (std::uint32_t i = 4; i < 7; ++i) {
    run.records.push_back(record(i, "none", 1000 + i, "bypass", "bypass"));
    run.records.push_back(record(i, "both", 1010 + i, "miss", "miss"));
    run.records[run.records.size() - 2].kind = run.records.back().kind = "control";
  }
  run.tail = {
      .took_ms = 60'000, .pictures = 1, .holdings = {{"both", {{"response", 3, 3000}, {"embedding", 1, 2'000'000}}}}};
  return run;
}

inline const Table* table_named(const Page& page, std::string_view name) {
  for (const PageBlock& block : page.blocks) {
    const auto* table = std::get_if<Table>(&block);
    if (table != nullptr && table->name == name) return table;
  }
  return nullptr;
}

inline bool says(const Page& page, std::string_view words) {
  return std::ranges::any_of(page.blocks, [&](const PageBlock& block) {
    const auto* paragraph = std::get_if<Paragraph>(&block);
    return paragraph != nullptr && paragraph->text.contains(words);
  });
}

class PaperRun : public testing::Test {
 protected:
  PaperRun() : runs{papers_run()} { input.groups = groups_of(runs); }
  // After a change of `runs`.
  void group() { input.groups = groups_of(runs); }

  std::vector<BenchRun> runs;
  BenchPageInput input;
};

}  // namespace fovea
