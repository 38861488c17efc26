// Bytes that claim more than the file has, and the corpus of the fuzz target.
#include "engine/llama/gguf/gguf_parser.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/models.h"
#include "engine/mutilation.h"

namespace fovea::llama {
namespace {

using namespace std::string_literals;

class GgufParserTest : public testing::Test {
 protected:
  // The error that parsing a file with these bytes gives.
  Error refusal(std::string_view bytes) {
    const auto path = folder.path() / "file.gguf";
    std::ofstream(path, std::ios::binary) << bytes;
    const Result<GgufFile> file = GgufParser::parse(path, bytes.size());
    EXPECT_FALSE(file);
    return file ? Error{Fault::internal, ""} : file.error();
  }

  test::ScratchFolder folder;
};

TEST_F(GgufParserTest, RefusesOtherVersions) {
  const std::string counts(16, '\0');
  EXPECT_EQ(refusal("GGUF\1\0\0\0"s + counts).fault, Fault::unsupported);
  EXPECT_EQ(refusal("GGUF\4\0\0\0"s + counts).fault, Fault::unsupported);
  EXPECT_TRUE(refusal("GGUF\0\0\0\3"s + counts).message.contains("big-endian"));
}

TEST_F(GgufParserTest, AllocatesNothingForCountsTheFileCannotHold) {
  const std::string huge(8, '\x7f');
  const std::string none(8, '\0');
  EXPECT_EQ(refusal("GGUF\3\0\0\0"s + huge + none).fault, Fault::corrupt);
  EXPECT_EQ(refusal("GGUF\3\0\0\0"s + none + huge).fault, Fault::corrupt);
  const std::string one = "\1\0\0\0\0\0\0\0"s;
  EXPECT_EQ(refusal("GGUF\3\0\0\0"s + none + one + huge + "key and then some").fault, Fault::corrupt);
  const std::string list_of_texts = "\x09\0\0\0\x08\0\0\0"s;
  EXPECT_EQ(refusal("GGUF\3\0\0\0"s + none + one + one + "k" + list_of_texts + huge).fault, Fault::corrupt);
}

TEST_F(GgufParserTest, AFileThatIsShorterThanItSaysIsTruncated) {
  const auto size = std::filesystem::file_size(test::tiny_model);
  EXPECT_TRUE(GgufParser::parse(test::tiny_model, size));
  const auto cut = GgufParser::parse(test::tiny_model, size - 1);
  ASSERT_FALSE(cut);
  EXPECT_TRUE(cut.error().message.contains("is cut short")) << cut.error().message;
}

// Heads of models, whole and damaged, that the fuzzer starts from. A hole in the file replaces the weights.
TEST_F(GgufParserTest, EveryFileOfTheCorpusIsReadOrRefused) {
  constexpr std::uintmax_t weights_bytes = 8 << 20;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/fuzz/corpus/gguf")) {
    const auto copy = folder.path() / entry.path().filename();
    std::filesystem::copy_file(entry.path(), copy);
    std::filesystem::resize_file(copy, entry.file_size() + weights_bytes);
    const auto file = GgufFile::open(copy);
    const bool whole = entry.path().filename().string().starts_with("whole");
    EXPECT_EQ(file.has_value(), whole) << entry.path() << (file ? "" : file.error().message);
    EXPECT_TRUE(file || !file.error().message.empty());
    ++files;
  }
  EXPECT_GE(files, 12);
}

}  // namespace
}  // namespace fovea::llama
