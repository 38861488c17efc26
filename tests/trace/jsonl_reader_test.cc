// Traces of one JSON object a line.
#include "trace/jsonl_reader.h"

#include <gtest/gtest.h>

#include "trace/texts.h"

namespace fovea {
namespace {

TEST(JsonlReader, TextsMayBeNumbersAndFieldsUnknown) {
  const auto trace = trace_of(
      R"({"time": 5, "tenant": 7, "key": "q", "level": "response", "size": 300, "cost": 4000, "related": 12, "request": 1})"
      "\n\n"
      R"({"request": 1, "tenant": "7", "key": 12, "size": 1.5e6, "cost": 3700.5, "importance": 0.25, "x": {"y": [1, 2]}})"
      "\n"
      R"({"key": null, "key": "12", "size": 1, "tenant": null, "time": 6})");
  ASSERT_TRUE(trace) << fault_of(trace);
  ASSERT_EQ(trace->lookups.size(), 3u);
  EXPECT_EQ(trace->lookups[0].related, trace->lookups[1].key);
  EXPECT_EQ(trace->lookups[1].request, 0u);
  EXPECT_EQ(trace->lookups[1].size, 1'500'000u);
  EXPECT_EQ(trace->lookups[1].cost_ms, 3700.5);
  EXPECT_FLOAT_EQ(trace->lookups[1].importance, 0.25F);
  EXPECT_NE(trace->lookups[2].key, trace->lookups[1].key) << "no tenant is not tenant 7";
  EXPECT_EQ(trace->lookups[2].time_ms, 1);
}

TEST(JsonlReader, AnErrorNamesItsLine) {
  const std::string good = R"({"key": "a", "size": 1})"
                           "\n";
  for (const auto& [line, why] : {std::pair{R"({"key": "a")", "not a JSON object"},
                                  {R"([1])", "not a JSON object"},
                                  {R"({"key": "a", "size": 1} x)", "not a JSON object"},
                                  {R"({"key": ["a"], "size": 1})", "texts and numbers"},
                                  {R"({"key": "a", "size": "1 GiB"})", "'1 GiB' is not a number"},
                                  {R"({"key": "a", "size": true})", "'true' is not a number"},
                                  {R"({"size": 1})", "key is missing"},
                                  {R"({"key": "", "size": 1})", "key is missing"}}) {
    const std::string message = fault_of(trace_of(good + line + "\n", TraceFormat::jsonl));
    EXPECT_TRUE(message.starts_with("a trace:2: ")) << line << message;
    EXPECT_TRUE(message.contains(why)) << line << message;
  }
}

TEST(JsonlReader, DeepNestingGivesAMessage) {
  const std::string deep = R"({"key": "a", "size": 1, "x": )" + std::string(30'000, '[');
  EXPECT_TRUE(fault_of(trace_of(deep, TraceFormat::jsonl)).contains("not a JSON object"));
}

}  // namespace
}  // namespace fovea
