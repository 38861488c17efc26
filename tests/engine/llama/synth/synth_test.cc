#include "engine/llama/synth/synth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <format>
#include <fstream>

#include "engine/llama/gguf/gguf_file.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Synth : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder); }

  SynthOptions options(const std::string& name = "model") const { return {.directory = folder / name}; }

  // The pair written into a folder of that name.
  SynthPaths written(const std::string& name, std::uint64_t seed, const ModelShape& shape = test::small_idefics3()) {
    const auto paths = synthesise(shape, {.directory = folder / name, .seed = seed});
    EXPECT_TRUE(paths) << (paths ? "" : paths.error().message);
    return paths.value_or(SynthPaths{});
  }

  fs::path folder = fs::temp_directory_path() / std::format("fovea-synth-test-{}", getpid());
};

TEST_F(Synth, TheSameSeedGivesTheSameBytesAndAnotherOthers) {
  const SynthPaths first = written("first", 7), again = written("again", 7), other = written("other", 8);
  ASSERT_FALSE(bytes_of(first.decoder).empty());
  EXPECT_EQ(bytes_of(first.decoder), bytes_of(again.decoder));
  EXPECT_EQ(bytes_of(first.mmproj), bytes_of(again.mmproj));
  EXPECT_NE(bytes_of(first.decoder), bytes_of(other.decoder));
  EXPECT_NE(bytes_of(first.mmproj), bytes_of(other.mmproj));
}

// Threads share a tensor by rows, and the writer asks for pieces of it. Neither may change the numbers.
TEST_F(Synth, ALargeTensorRepeatsItselfInNoPart) {
  ModelShape shape = test::small_idefics3();
  shape.decoder.vocabulary = 1 << 17;  // two pieces, many threads
  const auto file = GgufFile::open(written("large", 1, shape).decoder);
  ASSERT_TRUE(file) << file.error().message;
  const std::string bytes = bytes_of(file->path());
  const GgufTensor& tensor = *file->find_tensor("token_embd.weight");
  const std::size_t row_bytes = tensor.bytes / static_cast<std::uint64_t>(tensor.extent(1));
  std::vector<std::string_view> rows;
  for (std::int64_t row = 0; row < tensor.extent(1); ++row) {
    rows.push_back(
        std::string_view(bytes).substr(tensor.offset + static_cast<std::uint64_t>(row) * row_bytes, row_bytes));
  }
  std::ranges::sort(rows);
  EXPECT_TRUE(std::ranges::adjacent_find(rows) == rows.end());
}

TEST_F(Synth, TheFilesStateTheShapeAskedFor) {
  const ModelShape shape = test::small_idefics3();
  const SynthPaths paths = written("model", 1);
  const auto decoder = GgufFile::open(paths.decoder);
  const auto mmproj = GgufFile::open(paths.mmproj);
  ASSERT_TRUE(decoder) << decoder.error().message;
  ASSERT_TRUE(mmproj) << mmproj.error().message;
  const DecoderShape read = read_decoder_shape(*decoder);
  EXPECT_EQ(read.layers, shape.decoder.layers);
  EXPECT_EQ(read.width, shape.decoder.width);
  EXPECT_EQ(read.heads_kv, shape.decoder.heads_kv);
  EXPECT_EQ(read.vocabulary, shape.decoder.vocabulary);
  const VisionShape vision = read_vision_shape(*mmproj);
  EXPECT_EQ(vision.projector, "idefics3");
  EXPECT_EQ(vision.image_size_max, shape.vision.image_size_max);
  EXPECT_EQ(tokens_per_tile(vision), 4u);
}

TEST_F(Synth, AShapeWithWindowsStatesThem) {
  const auto file = GgufFile::open(written("windowed", 1, test::small_windowed()).decoder);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(read_decoder_shape(*file).window, 16u);
  EXPECT_EQ(file->find_tensor("blk.0.attn_k_norm.weight")->extent(0), 16) << "a head's width";
  EXPECT_EQ(read_decoder_shape(*GgufFile::open(written("llama", 1).decoder)).window, 0u);
}

TEST_F(Synth, SizesAreKnownBeforehand) {
  const auto sizes = size_synthesis(test::small_idefics3(), options());
  ASSERT_TRUE(sizes) << sizes.error().message;
  EXPECT_FALSE(fs::exists(folder));
  const SynthPaths paths = written("model", 1);
  EXPECT_EQ(sizes->decoder.path, paths.decoder);
  EXPECT_EQ(sizes->decoder.bytes, fs::file_size(paths.decoder));
  EXPECT_EQ(sizes->mmproj.bytes, fs::file_size(paths.mmproj));
}

// The numbers of parameters that the published models have; llava without what its published GGUF files leave
// out: the last vision layer, the norm behind it and 64 rows that pad the vocabulary, which make
// 7,063,427,072 of it.
TEST_F(Synth, KnownShapesHaveTheirModelsParameters) {
  const auto parameters = [&](std::string_view name) {
    const auto sizes =
        synth_shape(name).and_then([&](const ModelShape& shape) { return size_synthesis(shape, options()); });
    EXPECT_TRUE(sizes) << name;
    return sizes ? sizes->decoder.parameters + sizes->mmproj.parameters : 0;
  };
  EXPECT_EQ(parameters("smolvlm-256m"), 256'484'928u);
  EXPECT_EQ(parameters("smolvlm2-2.2b"), 2'246'784'880u);
  EXPECT_EQ(parameters("llava-1.5-7b"), 7'050'304'512u);
  EXPECT_EQ(parameters("minicpm-v-4"), 3'605'834'240u + 466'242'800u);
}

TEST_F(Synth, EveryTypeCanBeWritten) {
  for (const std::string& type : synth_types()) {
    SynthOptions chosen = options(type);
    chosen.type = type;
    const auto paths = synthesise(test::small_idefics3(), chosen);
    ASSERT_TRUE(paths) << paths.error().message;
    EXPECT_TRUE(GgufFile::open(paths->decoder)) << type;
    EXPECT_TRUE(GgufFile::open(paths->mmproj)) << type;
  }
}

TEST_F(Synth, UnknownNamesAreAnsweredWithTheKnownOnes) {
  const auto shape = synth_shape("smolvlm");
  ASSERT_FALSE(shape);
  EXPECT_EQ(shape.error().fault, Fault::invalid);
  EXPECT_THAT(shape.error().message, HasSubstr("smolvlm-256m"));
  SynthOptions wrong = options();
  wrong.type = "q9";
  const auto paths = synthesise(test::small_idefics3(), wrong);
  ASSERT_FALSE(paths);
  EXPECT_EQ(paths.error().fault, Fault::invalid);
  EXPECT_THAT(paths.error().message, HasSubstr("q8_0"));
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(Synth, AShapeThatCannotBeIsRefused) {
  ModelShape shape = test::small_idefics3();
  shape.decoder.vocabulary = 300;
  EXPECT_EQ(synthesise(shape, options()).error().fault, Fault::invalid);
  shape = test::small_idefics3();
  shape.vision.image_size_max = 32;
  EXPECT_EQ(synthesise(shape, options()).error().fault, Fault::invalid);
}

TEST_F(Synth, ADiskTooSmallIsSaidBeforeAnythingIsWritten) {
  ModelShape shape = test::small_idefics3();
  shape.decoder.ffn = 1u << 31;  // 1.2 TB a layer
  shape.decoder.layers = 300;
  const auto paths = synthesise(shape, options());
  ASSERT_FALSE(paths);
  EXPECT_EQ(paths.error().fault, Fault::unavailable);
  EXPECT_THAT(paths.error().message, HasSubstr("free"));
  EXPECT_TRUE(fs::is_empty(folder / "model"));
}

TEST_F(Synth, AFolderThatCannotBeMadeIsNamed) {
  fs::create_directories(folder);
  std::ofstream(folder / "model") << "a file";
  const auto paths = synthesise(test::small_idefics3(), options());
  ASSERT_FALSE(paths);
  EXPECT_EQ(paths.error().fault, Fault::unavailable);
  EXPECT_THAT(paths.error().message, HasSubstr((folder / "model").string()));
}

TEST_F(Synth, CancelledAtAnyMomentItLeavesNoFile) {
  int pieces = 0;
  SynthOptions counting = options("whole");
  counting.cancelled = [&] { return ++pieces < 0; };
  ASSERT_TRUE(synthesise(test::small_idefics3(), counting));
  ASSERT_GT(pieces, 2);
  for (const int last : {1, pieces / 2, pieces}) {
    int piece = 0;
    SynthOptions cancelling = options();
    cancelling.cancelled = [&] { return ++piece == last; };
    const auto paths = synthesise(test::small_idefics3(), cancelling);
    ASSERT_FALSE(paths);
    EXPECT_EQ(paths.error().fault, Fault::cancelled);
    EXPECT_TRUE(fs::is_empty(folder / "model")) << "cancelled at piece " << last << " of " << pieces;
  }
}

TEST_F(Synth, ProgressRisesToTheEnd) {
  std::vector<double> seen;
  ASSERT_TRUE(synthesise(test::small_idefics3(), options(), [&](double fraction) { seen.push_back(fraction); }));
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_GT(seen.front(), 0);
  EXPECT_DOUBLE_EQ(seen.back(), 1);
}

}  // namespace
}  // namespace fovea::llama
