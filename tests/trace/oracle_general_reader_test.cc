// libCacheSim's binary records, byte by byte.
#include "trace/oracle_general_reader.h"

#include <gtest/gtest.h>

#include <cstring>

#include "trace/texts.h"

namespace fovea {
namespace {

std::string record(std::uint32_t seconds, std::uint64_t object, std::uint32_t bytes, std::int64_t next) {
  std::string text(24, '\0');
  std::memcpy(text.data(), &seconds, 4);
  std::memcpy(text.data() + 4, &object, 8);
  std::memcpy(text.data() + 12, &bytes, 4);
  std::memcpy(text.data() + 16, &next, 8);
  return text;
}

TEST(OracleGeneralReader, RecordsBecomeLookups) {
  const auto trace =
      trace_of(record(100, UINT64_MAX, 4096, 2) + record(101, 0, UINT32_MAX, -1) + record(99, UINT64_MAX, 4096, -1));
  ASSERT_TRUE(trace) << fault_of(trace);
  ASSERT_EQ(trace->lookups.size(), 3u);
  EXPECT_EQ(trace->keys, 2u);
  EXPECT_EQ(trace->lookups[0].key, trace->lookups[2].key);
  EXPECT_EQ(trace->lookups[0].size, 4096u);
  EXPECT_EQ(trace->lookups[1].size, UINT32_MAX);
  EXPECT_EQ(trace->lookups[1].time_ms, 1000);
  EXPECT_EQ(trace->lookups[2].time_ms, 1000) << "a step back of a second is no error";
  EXPECT_EQ(trace->lookups[2].cost_ms, 1);
  EXPECT_EQ(trace->lookups[2].request, 2u);
}

TEST(OracleGeneralReader, LargerThanOneRead) {
  std::string many;
  for (std::uint32_t i = 0; i < 100'000; ++i) many += record(i, i % 977, 10, -1);
  const auto trace = trace_of(many);
  ASSERT_TRUE(trace) << fault_of(trace);
  EXPECT_EQ(trace->lookups.size(), 100'000u);
  EXPECT_EQ(trace->keys, 977u);
}

TEST(OracleGeneralReader, AnIncompleteRecordIsRefused) {
  const auto trace = trace_of(record(1, 2, 3, 4) + record(1, 2, 3, 4).substr(0, 23));
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().fault, Fault::corrupt);
  EXPECT_TRUE(trace.error().message.contains("record 2 is incomplete")) << trace.error().message;
}

}  // namespace
}  // namespace fovea
