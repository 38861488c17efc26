// Several files as one trace, and the sample traces.
#include "trace/read_trace.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "trace/hostile_bytes.h"
#include "trace/texts.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

TEST(ReadTrace, FilesFollowEachOther) {
  TraceSource sources[] = {TraceSource::of("key,size,time,request\na,1,500,r\nb,1,700,r\n", "one"),
                           TraceSource::of(R"({"key": "a", "size": 1, "time": 100, "request": "r"})", "two")};
  std::vector<double> progress;
  const auto trace = read_trace(sources, {}, [&](double fraction) { progress.push_back(fraction); });
  ASSERT_TRUE(trace) << fault_of(trace);
  ASSERT_EQ(trace->lookups.size(), 3u);
  EXPECT_EQ(trace->name, "one and 1 more");
  EXPECT_EQ(trace->lookups[2].key, trace->lookups[0].key) << "keys are the same in every file";
  EXPECT_EQ(trace->lookups[2].time_ms, 200) << "each file's times continue from the last";
  EXPECT_NE(trace->lookups[2].request, trace->lookups[1].request) << "requests do not span files";
  for (const double fraction : progress) EXPECT_LE(fraction, 1);
}

TEST(ReadTrace, RefusesMixtures) {
  TraceSource mixed[] = {TraceSource::of("key,size\na,1\n", "one"),
                         TraceSource::of(R"({"image": "a", "text": "b"})", "two")};
  EXPECT_TRUE(fault_of(read_trace(mixed, {.profile = plain_profile()}, {})).contains("replay them apart"));
  EXPECT_TRUE(fault_of(trace_of("key,size\na,1\n", {}, true)).contains("only questions can be shuffled"));
  EXPECT_EQ(trace_of(R"({"images": 3})").error().fault, Fault::unsupported);
  EXPECT_TRUE(fault_of(read_trace(std::span<TraceSource>(), {}, {})).contains("no trace"));
}

// A sum of sizes is always a 64-bit number.
TEST(ReadTrace, SizesDoNotOverflowTogether) {
  TraceBuilder builder("large");
  constexpr std::uint64_t fitting = sizes_max_bytes >> 44;
  for (std::uint64_t i = 0; i < fitting; ++i) ASSERT_TRUE(builder.add({.size = 1ULL << 44}, true));
  EXPECT_TRUE(builder.add({.size = 0}, true));
  const auto over = builder.add({.size = 1}, true);
  ASSERT_FALSE(over);
  EXPECT_TRUE(over.error().message.contains("are they bytes?"));
}

TEST(ReadTrace, TheSampleTracesAreRead) {
  int read = 0;
  for (const auto& entry : fs::directory_iterator(FOVEA_SOURCE_DIR "/samples/traces")) {
    const std::vector<std::string> path{entry.path().string()};
    const auto trace = read_trace(path, {.profile = plain_profile()}, {});
    ASSERT_TRUE(trace) << fault_of(trace);
    check_sound(*trace);
    ++read;
  }
  EXPECT_GE(read, 3);
}

}  // namespace
}  // namespace fovea
