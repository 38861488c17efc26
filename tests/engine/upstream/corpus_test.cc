// The fuzz target's corpus, replayed in every ordinary build: whole, cut off everywhere, and with every byte
// changed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/upstream/hostile_stream.h"

namespace fovea {
namespace {

std::vector<std::string> corpus() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/event_stream")) {
    std::ifstream file(entry.path(), std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

TEST(EventStreamCorpus, KeepsItsPromisesWholeAndDamaged) {
  for (const std::string& file : corpus()) {
    check_hostile_stream(file);
    for (std::size_t at = 0; at < file.size(); ++at) {
      check_hostile_stream(file.substr(0, at));
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      check_hostile_stream(damaged);
    }
  }
}

// Or the checks of what folds would check nothing.
TEST(EventStreamCorpus, HoldsStreamsThatFold) {
  EXPECT_EQ(std::ranges::count_if(corpus(), [](const std::string& file) { return !folded(file, 1).empty(); }), 3);
}

}  // namespace
}  // namespace fovea
