// The fuzz target's corpus, replayed in every ordinary build: whole, cut off everywhere, and with every byte
// changed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/tools/hostile_answer.h"

namespace fovea {
namespace {

std::vector<std::string> corpus() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/tool_call")) {
    std::ifstream file(entry.path(), std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

TEST(ToolCallCorpus, KeepsItsPromisesWholeAndDamaged) {
  for (const std::string& file : corpus()) {
    for (std::size_t at = 0; at < file.size(); ++at) {
      test::check_hostile_answer(file.substr(0, at));
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      test::check_hostile_answer(damaged);
    }
  }
}

// Or the checks of calls would check nothing.
TEST(ToolCallCorpus, HasACallOfEachForm) {
  EXPECT_EQ(corpus().size(), all_tool_formats.size());
  for (const std::string& file : corpus()) EXPECT_FALSE(test::check_hostile_answer(file).calls.empty()) << file;
}

}  // namespace
}  // namespace fovea
