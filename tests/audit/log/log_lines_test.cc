#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "audit/log/log_entries.h"

namespace fovea {
namespace {

// Each entry, or "too long".
std::vector<std::string> entries_of(LogEntries& entries) {
  std::vector<std::string> texts;
  for (auto entry = entries.next(); entry && *entry; entry = entries.next())
    texts.push_back((*entry)->too_long ? "too long" : std::string((*entry)->text));
  return texts;
}

std::vector<std::string> lines_of(std::string text) {
  TraceSource source = TraceSource::of(std::move(text), "log");
  LogLines lines(source);
  return entries_of(lines);
}

TEST(LogLines, EndWithTheLine) {
  EXPECT_EQ(lines_of("one\ntwo\r\n\nlast"), (std::vector<std::string>{"one", "two", "", "last"}));
  EXPECT_EQ(lines_of("one\n"), (std::vector<std::string>{"one"}));
  EXPECT_TRUE(lines_of("").empty());
}

TEST(LogLines, SayWhereTheyAre) {
  TraceSource source = TraceSource::of("a\nb\n", "x.jsonl");
  LogLines lines(source);
  EXPECT_TRUE(lines.next());
  EXPECT_TRUE(lines.next());
  EXPECT_EQ(lines.place(), "x.jsonl:2");
}

// From a file, since what is in memory is no piece-wise read.
TEST(LogLines, PassOverWhatIsTooLong) {
  const auto path = std::filesystem::temp_directory_path() / "fovea_log_lines_test.jsonl";
  {
    std::ofstream file(path, std::ios::binary);
    file << "before\n" << std::string(entry_bytes_max + 10, 'x') << "\nbehind\n" << std::string(3 << 20, 'y') << "\n";
  }
  auto source = TraceSource::open(path.string());
  ASSERT_TRUE(source);
  LogLines lines(*source);
  const auto texts = entries_of(lines);
  std::filesystem::remove(path);
  ASSERT_EQ(texts.size(), 4u);
  EXPECT_EQ(texts[0], "before");
  EXPECT_EQ(texts[1], "too long");
  EXPECT_EQ(texts[2], "behind");
  EXPECT_EQ(texts[3], std::string(3 << 20, 'y')) << "longer than one read";
}

}  // namespace
}  // namespace fovea
