// CSV traces: the meaning of the columns, the forms that spreadsheets write, and invalid files.
#include "trace/csv_reader.h"

#include <gtest/gtest.h>

#include "trace/texts.h"

namespace fovea {
namespace {

TEST(CsvReader, EveryColumnIsUnderstood) {
  const auto trace = trace_of(
      "time,tenant,key,level,size,cost,importance,related,request\n"
      "1000.5,ann,what?,response,300,4000,0.9,cat,r1\n"
      "1000.5,ann,cat,embedding,1500000,3700,0.7,,r1\n"
      "2000,bob,cat,embedding,1500000,3700,,,r2\n");
  ASSERT_TRUE(trace) << fault_of(trace);
  ASSERT_EQ(trace->lookups.size(), 3u);
  EXPECT_EQ(trace->keys, 3u) << "ann's cat is not bob's";
  const auto& [response, embedding, other] = std::tie(trace->lookups[0], trace->lookups[1], trace->lookups[2]);
  EXPECT_EQ(response.level, TraceLevel::response);
  EXPECT_EQ(response.related, embedding.key);
  EXPECT_EQ(response.size, 300u);
  EXPECT_EQ(response.cost_ms, 4000);
  EXPECT_FLOAT_EQ(response.importance, 0.9F);
  EXPECT_EQ(response.time_ms, 0) << "times count from the trace's start";
  EXPECT_EQ(other.time_ms, 999.5);
  EXPECT_FLOAT_EQ(other.importance, 0.5F);
  EXPECT_EQ(other.related, no_related);
  EXPECT_EQ(embedding.request, response.request);
  EXPECT_EQ(other.request, response.request + 1);
  EXPECT_NE(other.tenant, response.tenant);
}

TEST(CsvReader, ColumnsMayComeInAnyOrderAndBeUnknown) {
  const auto trace = trace_of("size,colour,key\n10,red,a\n20,green,b\n10,red,a");
  ASSERT_TRUE(trace) << fault_of(trace);
  ASSERT_EQ(trace->lookups.size(), 3u);
  EXPECT_EQ(trace->lookups[2].key, trace->lookups[0].key);
  EXPECT_EQ(trace->lookups[1].size, 20u);
  EXPECT_EQ(trace->lookups[1].cost_ms, 1) << "without a cost every hit counts the same";
  EXPECT_EQ(trace->lookups[1].level, TraceLevel::embedding);
  EXPECT_EQ(trace->lookups[1].request, 1u) << "without a request field each look-up is a request";
}

TEST(CsvReader, SpreadsheetsMayHaveWrittenIt) {
  const auto trace = trace_of("\xEF\xBB\xBFkey,size\r\n\"a, \"\"b\"\"\nc\",10\r\n\r\n\"a, \"\"b\"\"\nc\",1e3\r\n");
  ASSERT_TRUE(trace) << fault_of(trace);
  ASSERT_EQ(trace->lookups.size(), 2u) << "empty lines are no rows";
  EXPECT_EQ(trace->keys, 1u) << "quoted keys may hold commas, quotes and line ends";
  EXPECT_EQ(trace->lookups[1].size, 1000u);
}

TEST(CsvReader, AnErrorNamesItsLine) {
  for (const auto& [text, line, why] : {std::tuple{"key,size\na,10\nb,ten\n", ":3:", "size: 'ten' is not a number"},
                                        {"key,size\n,10\n", ":2:", "key is missing"},
                                        {"key,size\na,\n", ":2:", "size is missing"},
                                        {"key,size\na\n", ":2:", "1 fields where the header has 2"},
                                        {"key,size\na,-1\n", ":2:", "not 0 bytes to 16 TiB"},
                                        {"key,size\na,1e300\n", ":2:", "not 0 bytes to 16 TiB"},
                                        {"key,size,cost\na,1,-1\n", ":2:", "cost must be"},
                                        {"key,size,cost\na,1,inf\n", ":2:", "not a number"},
                                        {"key,size,cost\na,1,nan\n", ":2:", "not a number"},
                                        {"key,size,importance\na,1,1.5\n", ":2:", "importance must be 0 to 1"},
                                        {"key,size,level\na,1,L1\n", ":2:", "write embedding, prefix or response"},
                                        {"key,size,time\na,1,5\nb,1,4\n", ":3:", "sort the trace by time"},
                                        {"key,time\na,1\n", ":1:", "no column size"},
                                        {"key,size,key\na,1,b\n", ":1:", "the column key is there twice"},
                                        {"key,size\n\"a,1\n", ":2:", "inside quotes"},
                                        {"key,size\n\"a\"b,1\n", ":2:", "a quote"}}) {
    const auto trace = trace_of(text, TraceFormat::csv);
    ASSERT_FALSE(trace) << text;
    EXPECT_EQ(trace.error().fault, Fault::invalid) << text;
    EXPECT_TRUE(trace.error().message.starts_with("a trace" + std::string(line))) << trace.error().message;
    EXPECT_TRUE(trace.error().message.contains(why)) << trace.error().message;
  }
}

TEST(CsvReader, SizesAreBounded) {
  const std::string head = "key,size\n";
  EXPECT_TRUE(trace_of(head + std::string(key_text_bytes_max, 'k') + ",1\n"));
  EXPECT_TRUE(fault_of(trace_of(head + std::string(key_text_bytes_max + 1, 'k') + ",1\n")).contains("keys may have"));
  EXPECT_TRUE(fault_of(trace_of(head + std::string(70'000, 'k') + ",1\n")).contains(":2: a line of more than"));
  std::string open_quote = head + "\"";
  for (int i = 0; i < 70; ++i) open_quote += std::string(1000, 'k') + "\n";
  EXPECT_TRUE(fault_of(trace_of(open_quote)).contains("quote that is not closed"));
  EXPECT_TRUE(fault_of(trace_of(head)).contains("holds no look-up"));
  EXPECT_TRUE(fault_of(trace_of("\n\n", TraceFormat::csv)).contains("no header line"));
}

}  // namespace
}  // namespace fovea
