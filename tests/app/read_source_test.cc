#include "app/read_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace fovea::app {
namespace {

namespace fs = std::filesystem;

class ReadSource : public testing::Test {
 protected:
  ~ReadSource() override { fs::remove(path); }
  const fs::path path = fs::temp_directory_path() / ("fovea-read-source-test-" + std::to_string(::getpid()));
};

TEST_F(ReadSource, ReadsAFileToItsLastByte) {
  const std::string content = std::string("\0\xff\n", 3) + std::string(3'000'000, 'x') + "end";
  std::ofstream(path, std::ios::binary) << content;
  const auto source = read_source(path);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_TRUE(source->text() == content);
}

TEST_F(ReadSource, ReadsStandardInputForADash) {
  std::ofstream(path) << "from a pipe";
  const int before = ::dup(STDIN_FILENO), file = ::open(path.c_str(), O_RDONLY);
  ::dup2(file, STDIN_FILENO);
  const auto source = read_source("-");
  ::dup2(before, STDIN_FILENO);
  ::close(before);
  ::close(file);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(source->text(), "from a pipe");
}

TEST_F(ReadSource, RefusesWhatDecodeWouldRefuse) {
  std::ofstream(path) << "x";
  fs::resize_file(path, (32ull << 20) + 1);
  const auto source = read_source(path);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().fault, Fault::too_large);
  fs::resize_file(path, 32ull << 20);
  EXPECT_TRUE(read_source(path)) << "the limit itself is allowed";
}

TEST_F(ReadSource, SaysWhatIsWrongWithTheFilesName) {
  const auto missing = read_source("/nowhere.png");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, Fault::not_found);
  EXPECT_TRUE(missing.error().message.starts_with("/nowhere.png: ")) << missing.error().message;
  const auto folder = read_source("/tmp");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().fault, Fault::invalid);
  EXPECT_TRUE(folder.error().message.starts_with("/tmp: ")) << folder.error().message;
}

TEST_F(ReadSource, APictureIsItselfAndAVideoItsFrames) {
  const auto picture = read_pictures(FOVEA_SOURCE_DIR "/samples/one.png");
  ASSERT_TRUE(picture);
  ASSERT_EQ(picture->size(), 1u);
  EXPECT_FALSE(picture->front().bytes.empty());
  // Four frames in 0.16 s, so the first of them alone is of a time that is looked at.
  const std::string video = FOVEA_SOURCE_DIR "/fuzz/corpus/video/ok_h264.mp4";
  const auto frames = read_pictures(video);
  ASSERT_TRUE(frames) << frames.error().message;
  ASSERT_EQ(frames->size(), 1u);
  EXPECT_EQ(frames->front().name, video + " at 0.0 s");
  EXPECT_EQ(decoded(frames->front())->width, 64u);
  const auto cut = read_pictures(FOVEA_SOURCE_DIR "/fuzz/corpus/video/bad_cut.mp4");
  ASSERT_FALSE(cut);
  EXPECT_NE(cut.error().message.find("bad_cut.mp4: The MP4 video is damaged"), std::string::npos);
}

}  // namespace
}  // namespace fovea::app
