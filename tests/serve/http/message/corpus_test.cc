// The corpora of the two fuzz targets for HTTP, replayed in every ordinary build: whole, cut off everywhere,
// and with every byte changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "serve/http/message/hostile_form.h"
#include "serve/http/message/hostile_http.h"

namespace fovea::serve {
namespace {

std::vector<std::string> corpus(const std::string& name) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/" + name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

// How many of the files are good ones, after each was also tried damaged.
std::size_t good(const std::vector<std::string>& files, bool (*check)(std::string_view)) {
  for (const std::string& file : files) {
    for (std::size_t at = 0; at < file.size(); ++at) {
      check(std::string_view(file).substr(0, at));
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      check(damaged);
    }
  }
  return static_cast<std::size_t>(std::ranges::count_if(files, [&](const std::string& file) { return check(file); }));
}

TEST(HttpCorpus, FormsKeepTheirPromises) {
  const auto files = corpus("multipart");
  const std::size_t forms = good(files, test::check_hostile_form);
  EXPECT_GT(forms, 1U);
  EXPECT_LT(forms, files.size());
}

TEST(HttpCorpus, RequestsKeepTheirPromises) {
  const auto files = corpus("http_request");
  const std::size_t requests = good(files, test::check_hostile_http);
  EXPECT_GT(requests, 2U);
  EXPECT_LT(requests, files.size());
}

}  // namespace
}  // namespace fovea::serve
