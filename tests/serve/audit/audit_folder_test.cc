// What lies in the folder is looked at as fovea audit finds it: through the file system.
#include "serve/audit/audit_folder.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/scratch_folder.h"

namespace fovea::serve {
namespace {

namespace fs = std::filesystem;

constexpr double day_ms = 86'400'000;
constexpr double time_ms = 1'796'000'000'000;  // 2026-11-30T00:53:20Z

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class AuditFolderTest : public testing::Test {
 protected:
  std::unique_ptr<AuditFolder> open(std::uint64_t bytes_max = AuditFolder::bytes_least) {
    auto opened = AuditFolder::open(folder, bytes_max);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
  }
  std::string all_text() const {
    std::string text;
    for (const fs::path& file : files()) text += text_of(file);
    return text;
  }

  const ScratchFolder scratch = ScratchFolder::make("audit-folder-test").value();
  const fs::path folder = scratch.path() / "a" / "traffic";
};

TEST_F(AuditFolderTest, LinesAreInFilesOfTheDayThatOnlyTheirOwnerReads) {
  const auto opened = open();
  ASSERT_TRUE(opened->append("{\"one\":1}\n", time_ms));
  ASSERT_TRUE(opened->append("{\"two\":2}\n", time_ms));
  ASSERT_TRUE(opened->append("{\"three\":3}\n", time_ms + day_ms));
  const auto written = files();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(written[0].filename(), "requests-20261130-000001.jsonl");
  EXPECT_EQ(written[1].filename(), "requests-20261201-000002.jsonl");
  EXPECT_EQ(text_of(written[0]), "{\"one\":1}\n{\"two\":2}\n");
  EXPECT_EQ(opened->bytes(), all_text().size());
  for (const fs::path& path : {written[0], folder / "key"})
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write) << path;
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
}

TEST_F(AuditFolderTest, TheKeyIsDrawnOnceAndKept) {
  const Key first = open()->secret();
  EXPECT_EQ(open()->secret(), first);
  EXPECT_EQ(text_of(folder / "key"), first.hex() + "\n");
  const auto other = AuditFolder::open(scratch.path() / "b", AuditFolder::bytes_least);
  ASSERT_TRUE(other);
  EXPECT_NE((*other)->secret(), first);
}

TEST_F(AuditFolderTest, AKeyThatIsLostIsNotDrawnAnew) {
  ASSERT_TRUE(open()->append("x\n", time_ms));
  for (const char* text : {"", "not a key\n"}) {
    std::ofstream(folder / "key", std::ios::trunc) << text;
    const auto opened = AuditFolder::open(folder, AuditFolder::bytes_least);
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().fault, Fault::invalid);
    EXPECT_TRUE(opened.error().message.contains("record into a new folder")) << opened.error().message;
  }
}

TEST_F(AuditFolderTest, OneServerAtATimeRecords) {
  const auto opened = open();
  const auto second = AuditFolder::open(folder, AuditFolder::bytes_least);
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().message.contains("another server")) << second.error().message;
}

TEST_F(AuditFolderTest, ItStaysBelowItsBoundAndTheOldestGoes) {
  auto opened = open();
  std::vector<std::string> lines;
  for (int i = 0; i < 5000; ++i) {
    if (i == 2500) {  // another server goes on where the first one was
      opened.reset();
      opened = open();
    }
    lines.push_back(std::to_string(i) + std::string(static_cast<std::size_t>(100 + i % 1000), '.') + "\n");
    ASSERT_TRUE(opened->append(lines.back(), time_ms + i));
    ASSERT_LE(opened->bytes(), AuditFolder::bytes_least);
  }
  const std::string text = all_text();
  EXPECT_EQ(opened->bytes(), text.size());
  EXPECT_GE(text.size(), AuditFolder::bytes_least * 6 / 8) << "no more than a file or two are missing";
  std::string last;
  for (auto line = lines.rbegin(); line != lines.rend() && last.size() + line->size() <= text.size(); ++line)
    last.insert(0, *line);
  EXPECT_EQ(text, last) << "the last lines, each whole and in its order";
}

TEST_F(AuditFolderTest, ASmallerBoundRemovesAtOnce) {
  {
    const auto opened = open(4 * AuditFolder::bytes_least);
    const std::string line = std::string(9'999, 'x') + "\n";
    for (int i = 0; i < 400; ++i) ASSERT_TRUE(opened->append(line, time_ms));
    EXPECT_GT(all_text().size(), 3 * AuditFolder::bytes_least);
  }
  const auto opened = open();
  EXPECT_LE(all_text().size(), AuditFolder::bytes_least);
  EXPECT_EQ(opened->bytes(), all_text().size());
}

TEST_F(AuditFolderTest, OtherFilesAreLeftAlone) {
  fs::create_directories(folder);
  for (const char* name :
       {"notes.jsonl", "requests-x.jsonl", "requests-20261130-000009.jsonl.old", "requests-2026-11-30.jsonl"})
    std::ofstream(folder / name) << std::string(2 * AuditFolder::bytes_least, 'x');
  const auto opened = open();
  EXPECT_EQ(opened->bytes(), 0u);
  ASSERT_TRUE(opened->append("x\n", time_ms));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 6);
}

TEST_F(AuditFolderTest, ALineThatNoFileHoldsIsRefused) {
  const auto opened = open();
  const std::string line(AuditFolder::bytes_least / AuditFolder::files_in_full + 1, 'x');
  const auto appended = opened->append(line, time_ms);
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().fault, Fault::too_large);
  EXPECT_TRUE(files().empty());
}

// A limit of the size of files stands for a disk that becomes full.
TEST_F(AuditFolderTest, ADiskThatBecomesFullLeavesNoHalfLine) {
  const auto opened = open();
  const std::string line(999, 'x');
  ASSERT_TRUE(opened->append(line + "\n", time_ms));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit full{.rlim_cur = 1500, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  const auto failed = opened->append(line + "\n", time_ms);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().fault, Fault::unavailable);
  EXPECT_EQ(all_text(), line + "\n");
  ASSERT_TRUE(opened->append(line + "\n", time_ms)) << "there is room again";
  EXPECT_EQ(all_text(), line + "\n" + line + "\n");
  EXPECT_EQ(opened->bytes(), 2000u);
}

TEST_F(AuditFolderTest, WhatCannotBeAFolderIsRefused) {
  std::ofstream(scratch.path() / "file") << "x";
  EXPECT_FALSE(AuditFolder::open(scratch.path() / "file", AuditFolder::bytes_least));
  EXPECT_FALSE(AuditFolder::open(folder, AuditFolder::bytes_least - 1));
}

}  // namespace
}  // namespace fovea::serve
