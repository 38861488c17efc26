// The corpus of the fuzz target: tiny clips of every container and codec, and bytes that are none. make_clip
// made them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "video/video_clip.h"

namespace fovea {
namespace {

TEST(VideoCorpus, IsReadOrRefusedAsItsNamesSay) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/video")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::string name = entry.path().filename().string();
    const auto read = check_video(Blob::copy_of(bytes), {}, {});
    EXPECT_EQ(read.has_value(), name.starts_with("ok_")) << name << (read ? "" : ": " + read.error().message);
    ++files;
  }
  EXPECT_GE(files, 18u);
}

}  // namespace
}  // namespace fovea
