// Bytes from memory, files and pipes give the same lines.
#include "trace/trace_source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace fovea {
namespace {

std::vector<std::string> lines_of(TraceSource& source) {
  std::vector<std::string> lines;
  for (;;) {
    const auto line = source.line();
    if (!line) return {"fault: " + line.error().message};
    if (!*line) return lines;
    lines.emplace_back(**line);
    EXPECT_EQ(source.line_number(), lines.size());
  }
}

TEST(TraceSource, LinesEndAsFilesDo) {
  TraceSource source = TraceSource::of("one\ntwo\r\n\nlast", "text");
  EXPECT_EQ(lines_of(source), (std::vector<std::string>{"one", "two", "", "last"}));
  EXPECT_EQ(source.fraction_read(), 1);
  TraceSource empty = TraceSource::of("", "text");
  EXPECT_EQ(lines_of(empty), std::vector<std::string>{});
}

TEST(TraceSource, ALineIsBounded) {
  TraceSource longest = TraceSource::of(std::string(TraceSource::line_bytes_max, 'x') + "\nnext", "text");
  EXPECT_EQ(lines_of(longest).size(), 2u);
  TraceSource longer = TraceSource::of("first\n" + std::string(TraceSource::line_bytes_max + 1, 'x'), "text");
  EXPECT_EQ(lines_of(longer),
            std::vector<std::string>{"fault: text:2: a line of more than 64.0 KiB; is this a trace?"});
}

TEST(TraceSource, AFileLargerThanOneReadIsComplete) {
  const auto path = std::filesystem::temp_directory_path() / ("fovea-source-test-" + std::to_string(::getpid()));
  std::vector<std::string> written;
  std::ofstream file(path);
  for (int i = 0; i < 200'000; ++i) {
    written.push_back("line " + std::to_string(i * 7919));
    file << written.back() << '\n';
  }
  file.close();
  auto source = TraceSource::open(path.string());
  ASSERT_TRUE(source);
  EXPECT_EQ(source->fraction_read(), 0);
  EXPECT_EQ(lines_of(*source), written);
  EXPECT_EQ(source->fraction_read(), 1);
  auto whole = TraceSource::open(path.string());
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->rest(1000).error().fault, Fault::too_large);
  EXPECT_EQ(whole->rest(1 << 30)->size(), std::filesystem::file_size(path));
  std::filesystem::remove(path);
}

TEST(TraceSource, APipeArrivesInPieces) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::thread writer([&] {
    for (const char* piece : {"a", "b\nc", "", "d\n", "e"}) {
      EXPECT_GE(::write(ends[1], piece, std::strlen(piece)), 0);
      std::this_thread::yield();
    }
    ::close(ends[1]);
  });
  auto source = TraceSource::open("/proc/self/fd/" + std::to_string(ends[0]));
  ASSERT_TRUE(source);
  EXPECT_EQ(lines_of(*source), (std::vector<std::string>{"ab", "cd", "e"}));
  writer.join();
  ::close(ends[0]);
}

TEST(TraceSource, AnUnreadablePathIsRefused) {
  EXPECT_EQ(TraceSource::open("/nowhere/trace.csv").error().fault, Fault::not_found);
  EXPECT_EQ(TraceSource::open("/").error().message, "/: is a folder; name the files in it");
}

}  // namespace
}  // namespace fovea
