// Several files as one trace, and bytes that were damaged on the way: a value or a sentence, never anything else.
#include "trace/read_trace.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "trace/mixed_bits.h"
#include "trace/texts.h"
#include "trace/trace_builder.h"

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
  EXPECT_EQ(trace->lookups[2].time_ms, 200) << "each file's clock goes on from the last";
  EXPECT_NE(trace->lookups[2].request, trace->lookups[1].request) << "requests do not span files";
  for (const double fraction : progress) EXPECT_LE(fraction, 1);
}

TEST(ReadTrace, SomeThingsDoNotGoTogether) {
  TraceSource mixed[] = {TraceSource::of("key,size\na,1\n", "one"),
                         TraceSource::of(R"({"image": "a", "text": "b"})", "two")};
  EXPECT_TRUE(fault_of(read_trace(mixed, {.profile = plain_profile()}, {})).contains("replay them apart"));
  EXPECT_TRUE(fault_of(trace_of("key,size\na,1\n", {}, true)).contains("only questions can be shuffled"));
  EXPECT_EQ(trace_of(R"({"images": 3})").error().fault, Fault::unsupported);
  EXPECT_TRUE(fault_of(read_trace(std::span<TraceSource>(), {}, {})).contains("no trace"));
}

// What replay relies on, of every trace that any reader lets through.
void expect_sound(const Trace& trace) {
  double time_ms = 0;
  std::uint32_t request = 0;
  for (const Lookup& lookup : trace.lookups) {
    ASSERT_LT(lookup.key, trace.keys);
    ASSERT_TRUE(lookup.related == no_related || lookup.related < trace.keys);
    ASSERT_GE(lookup.time_ms, time_ms);
    ASSERT_GE(lookup.request, request);
    ASSERT_GE(lookup.cost_ms, 0);
    ASSERT_LE(lookup.cost_ms, cost_max_ms);
    ASSERT_TRUE(lookup.importance >= 0 && lookup.importance <= 1);
    time_ms = lookup.time_ms;
    request = lookup.request;
  }
}

std::vector<std::string> corpus() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/trace")) {
    std::ifstream file(entry.path(), std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

void expect_answer(const std::string& bytes, std::optional<TraceFormat> format) {
  const auto trace = trace_of(bytes, format);
  if (trace)
    expect_sound(*trace);
  else
    EXPECT_FALSE(trace.error().message.empty());
}

// fuzz/trace_fuzz.cc takes the first byte as the format; so does this.
TEST(ReadTrace, TheFuzzersCorpusEndsInValuesOrWords) {
  ASSERT_GE(corpus().size(), 8u);
  for (const std::string& file : corpus()) {
    for (int format = 0; format < 6; ++format) expect_answer(file.substr(1), static_cast<TraceFormat>(format));
    expect_answer(file.substr(1), std::nullopt);
  }
}

TEST(ReadTrace, DamagedFilesEndInValuesOrWords) {
  std::uint64_t draw = 1;
  for (const std::string& file : corpus()) {
    for (int round = 0; round < 200; ++round) {
      std::string damaged = file.substr(1);
      for (int i = 0; i < 3 && !damaged.empty(); ++i) {
        draw = mixed_bits(draw);
        const std::size_t at = draw % damaged.size();
        const auto byte = static_cast<char>(draw >> 40);
        if (draw >> 63 != 0)
          damaged.erase(at, draw >> 32 & 7);
        else
          damaged[at] = byte;
      }
      expect_answer(damaged, std::nullopt);
    }
  }
}

TEST(ReadTrace, TheSampleTracesAreRead) {
  int read = 0;
  for (const auto& entry : fs::directory_iterator(FOVEA_SOURCE_DIR "/samples/traces")) {
    const std::vector<std::string> path{entry.path().string()};
    const auto trace = read_trace(path, {.profile = plain_profile()}, {});
    ASSERT_TRUE(trace) << fault_of(trace);
    expect_sound(*trace);
    ++read;
  }
  EXPECT_GE(read, 3);
}

}  // namespace
}  // namespace fovea
