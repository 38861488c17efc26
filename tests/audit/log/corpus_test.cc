// Replays the fuzz target's corpus in every ordinary build: each file as its own format, as every other one,
// and damaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "audit/log/hostile_log.h"

namespace fovea {
namespace {

constexpr int kinds = static_cast<int>(LogFormat::audit) + 2;  // the formats, and a log to be recognised

std::vector<std::string> corpus() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/audit_log"))
    paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> files;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

TEST(AuditLogCorpus, IsReadOrRefused) {
  ASSERT_GE(corpus().size(), 14u);
  for (const std::string& file : corpus()) {
    test::check_hostile_log(file);
    for (int kind = 0; kind < kinds; ++kind) test::check_hostile_log(static_cast<char>(kind) + file.substr(1));
  }
}

// At least one file of each format is a log; otherwise no request would be checked.
TEST(AuditLogCorpus, HasALogOfEachFormat) {
  std::vector<bool> valid(kinds);
  for (const std::string& file : corpus()) {
    const int kind = std::min<int>(static_cast<unsigned char>(file.front()), kinds - 1);
    std::vector<TraceSource> sources;
    sources.push_back(TraceSource::of(file.substr(1), "log"));
    LogOptions options;
    if (kind < kinds - 1) options.format = static_cast<LogFormat>(kind);
    if (read_log(sources, options, [](const AuditedRequest&) {})) valid[static_cast<std::size_t>(kind)] = true;
  }
  for (int kind = 0; kind < kinds; ++kind) EXPECT_TRUE(valid[static_cast<std::size_t>(kind)]) << kind;
}

TEST(AuditLogCorpus, IsReadOrRefusedWhenItIsDamaged) {
  for (const std::string& file : corpus()) {
    const std::size_t step = std::max<std::size_t>(file.size() / 24, 1);
    for (std::size_t at = 1; at < file.size(); at += step) {
      test::check_hostile_log(file.substr(0, at));
      std::string flipped = file;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x15);
      test::check_hostile_log(flipped);
    }
  }
}

}  // namespace
}  // namespace fovea
