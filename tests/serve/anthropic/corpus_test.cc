// The fuzz target's corpus, replayed in every ordinary build: whole, cut off everywhere, and with every byte
// changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "serve/anthropic/hostile_messages.h"

namespace fovea::serve::anthropic {
namespace {

std::vector<std::string> corpus() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/messages_request")) {
    std::ifstream file(entry.path(), std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

TEST(MessagesRequestCorpus, KeepsItsPromisesWholeAndDamaged) {
  for (const std::string& file : corpus()) {
    test::check_hostile_messages(file);
    for (std::size_t at = 0; at < file.size(); ++at) {
      test::check_hostile_messages(file.substr(0, at));
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      test::check_hostile_messages(damaged);
    }
  }
}

// Or the checks of what is read would check nothing.
TEST(MessagesRequestCorpus, HoldsGoodRequestsAndBadOnes) {
  const std::vector<std::string> files = corpus();
  const auto good = std::ranges::count_if(files, test::check_hostile_messages);
  EXPECT_EQ(good, 6);
  EXPECT_EQ(std::ssize(files) - good, 3);
}

}  // namespace
}  // namespace fovea::serve::anthropic
