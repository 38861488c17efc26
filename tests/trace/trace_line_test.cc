// What to_jsonl writes, read_jsonl reads.
#include "trace/trace_line.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "trace/texts.h"

namespace fovea {
namespace {

TEST(TraceLine, IsReadBack) {
  const std::string response = to_jsonl({.time = 1000.5,
                                         .tenant = "ann",
                                         .key = "q",
                                         .level = "response",
                                         .size = 300,
                                         .cost = 4000.25,
                                         .importance = 0.75F,
                                         .related = "cat",
                                         .request = "r1",
                                         .outcome = "miss"});
  const std::string embedding = to_jsonl(
      {.time = 1002, .tenant = "ann", .key = "cat", .level = "embedding", .size = 9, .cost = 3, .request = "r1"});
  const auto trace = trace_of(response + embedding, TraceFormat::jsonl);
  ASSERT_TRUE(trace) << fault_of(trace);
  ASSERT_EQ(trace->lookups.size(), 2u);
  const Lookup& first = trace->lookups[0];
  const Lookup& second = trace->lookups[1];
  EXPECT_EQ(first.level, TraceLevel::response);
  EXPECT_EQ(first.size, 300u);
  EXPECT_EQ(first.cost_ms, 4000.25);
  EXPECT_EQ(first.importance, 0.75F);
  EXPECT_EQ(first.related, second.key);
  EXPECT_EQ(second.request, first.request);
  EXPECT_EQ(second.tenant, first.tenant);
  EXPECT_EQ(second.time_ms, 1.5);
  EXPECT_EQ(second.importance, 0.5F) << "absent, so the default";
  EXPECT_EQ(second.related, no_related);
}

TEST(TraceLine, IsOneLineWhateverTheTenantIsCalled) {
  const std::string line = to_jsonl({.tenant = "a\n\"b\"\x01", .key = "k", .level = "embedding", .size = 1});
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_TRUE(line.ends_with("}\n"));
  EXPECT_TRUE(std::ranges::none_of(line.substr(0, line.size() - 1), [](char c) { return c >= 0 && c < ' '; }));
  const auto trace = trace_of(line, TraceFormat::jsonl);
  EXPECT_TRUE(trace) << fault_of(trace);
}

}  // namespace
}  // namespace fovea
