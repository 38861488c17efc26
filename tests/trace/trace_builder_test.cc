// A request that is one response alone gets the look-ups that followed the response before.
#include "trace/trace_builder.h"

#include <gtest/gtest.h>

#include "trace/texts.h"

namespace fovea {
namespace {

constexpr const char* header = "time,key,level,size,cost,request\n";

Trace trace_from(const std::string& rows) {
  auto trace = trace_of(header + rows, TraceFormat::csv);
  EXPECT_TRUE(trace) << fault_of(trace);
  return std::move(trace).value_or(Trace{});
}

TEST(TraceBuilder, AResponseAloneGetsItsEarlierFollowers) {
  const Trace trace = trace_from(
      "0,q,response,30,900,1\n0,left,embedding,100,400,1\n0,right,embedding,200,300,1\n"
      "5,other,response,30,900,2\n"
      "7,q,response,30,900,3\n"
      "9,q,response,30,900,4\n");
  ASSERT_EQ(trace.lookups.size(), 10u);
  for (const std::size_t request : {std::size_t{4}, std::size_t{7}}) {
    for (std::size_t i = 0; i < 3; ++i) {
      const Lookup& repeated = trace.lookups[request + i];
      EXPECT_EQ(repeated.key, trace.lookups[i].key);
      EXPECT_EQ(repeated.size, trace.lookups[i].size);
      EXPECT_EQ(repeated.request, trace.lookups[request].request);
      EXPECT_EQ(repeated.time_ms, request == 4 ? 7 : 9);
    }
  }
  EXPECT_EQ(trace.lookups[3].request, 1u) << "nothing is known of it, so it stays alone";
  EXPECT_EQ(trace.lookups[4].request, 2u);
  EXPECT_EQ(trace.lookups[7].request, 3u);
}

TEST(TraceBuilder, TheLatestFollowersCountAndACompleteRequestStays) {
  const Trace trace = trace_from(
      "0,q,response,30,900,1\n0,left,embedding,100,400,1\n"
      "1,q,response,30,900,2\n1,left,embedding,100,400,2\n1,right,embedding,100,400,2\n"
      "2,q,response,30,900,3\n");
  ASSERT_EQ(trace.lookups.size(), 8u);
  EXPECT_EQ(trace.lookups[7].key, trace.lookups[4].key);
}

TEST(TraceBuilder, AnEmbeddingAloneStaysAlone) {
  const Trace trace = trace_from(
      "0,left,embedding,100,400,1\n0,right,embedding,100,400,1\n"
      "1,left,embedding,100,400,2\n");
  EXPECT_EQ(trace.lookups.size(), 3u);
}

TEST(TraceBuilder, FollowersFromAnotherFileCount) {
  TraceSource sources[] = {
      TraceSource::of(std::string(header) + "0,q,response,30,900,1\n0,left,embedding,100,400,1\n", "first"),
      TraceSource::of(std::string(header) + "0,q,response,30,900,1\n", "second")};
  const auto trace = read_trace(sources, {.format = TraceFormat::csv, .profile = plain_profile()}, {});
  ASSERT_TRUE(trace) << fault_of(trace);
  ASSERT_EQ(trace->lookups.size(), 4u);
  EXPECT_EQ(trace->lookups[3].key, trace->lookups[1].key);
  EXPECT_EQ(trace->lookups[3].request, 1u);
}

}  // namespace
}  // namespace fovea
