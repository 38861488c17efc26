// Pairs that cannot work are refused in words that say which file is wrong and what to do.
#include "engine/llama/gguf/validate.h"

#include <gtest/gtest.h>

#include <format>
#include <fstream>

#include "engine/llama/gguf/gguf_writer.h"
#include "engine/llama/synth/synth.h"
#include "engine/models.h"
#include "engine/mutilation.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

class Validate : public testing::Test {
 protected:
  std::string refusal(const std::filesystem::path& first, const std::filesystem::path& second) const {
    const Result<void> valid = validate_pair(first, second);
    EXPECT_FALSE(valid);
    return valid ? "" : valid.error().message;
  }
  std::string refusal() const { return refusal(decoder.path(), mmproj.path()); }

  std::filesystem::path text_file() const {
    std::ofstream(folder.path() / "notes.txt") << "not a model, just a note of some length\n";
    return folder.path() / "notes.txt";
  }

  // A file of metadata alone, as `fill` sets it.
  template <typename Fill>
  std::filesystem::path head_only(const char* name, Fill fill) const {
    GgufWriter writer;
    fill(writer);
    const auto path = folder.path() / name;
    EXPECT_TRUE(writer.write(path, {}));
    return path;
  }

  test::ScratchFolder folder;
  test::MutilatedFile decoder{test::tiny_model, folder.path() / "decoder.gguf"};
  test::MutilatedFile mmproj{test::tiny_mmproj, folder.path() / "mmproj.gguf"};
};

TEST_F(Validate, AcceptsTheBundledModel) {
  const Result<void> valid = validate_pair(test::tiny_model, test::tiny_mmproj);
  EXPECT_TRUE(valid) << valid.error().message;
}

TEST_F(Validate, SaysWhichFileIsNoModel) {
  const auto notes = text_file();
  EXPECT_EQ(refusal(notes, mmproj.path()),
            std::format("'{}' is not a GGUF file: give a model that was converted to GGUF format", notes.string()));
  EXPECT_TRUE(refusal(decoder.path(), notes).starts_with(std::format("'{}' is not a GGUF file", notes.string())));
  EXPECT_TRUE(refusal(folder.path(), mmproj.path()).contains("is a folder"));
  EXPECT_TRUE(refusal(decoder.path(), folder.path() / "none.gguf").contains("does not exist"));
}

TEST_F(Validate, SeesSwappedFiles) {
  EXPECT_TRUE(refusal(mmproj.path(), decoder.path()).contains("swap the two files"));
  EXPECT_TRUE(refusal(mmproj.path(), mmproj.path()).contains("is a vision encoder (mmproj), not a language model"));
  EXPECT_TRUE(refusal(decoder.path(), decoder.path()).contains("is not a vision encoder (mmproj)"));
}

TEST_F(Validate, ADecoderNeedsAVocabulary) {
  decoder.rename("tokenizer.ggml.tokens", "tokenizer.ggml.Tokens");
  EXPECT_TRUE(refusal().contains("has no vocabulary"));
}

TEST_F(Validate, AnMmprojNeedsAVisionEncoder) {
  const auto audio = head_only("audio.gguf", [](GgufWriter& writer) {
    writer.set("general.architecture", std::string("clip"));
    writer.set("clip.has_audio_encoder", true);
    writer.set("clip.projector_type", std::string("ultravox"));
  });
  EXPECT_TRUE(refusal(decoder.path(), audio).contains("encodes sound, not pictures"));
  const auto neither =
      head_only("neither.gguf", [](GgufWriter& writer) { writer.set("general.architecture", std::string("clip")); });
  EXPECT_TRUE(refusal(decoder.path(), neither).contains("has no vision encoder"));
}

TEST_F(Validate, NamesAnUnknownProjector) {
  mmproj.rename("janus_pro", "janus_xyz");
  EXPECT_TRUE(refusal().contains("has the projector 'janus_xyz'"));
}

TEST_F(Validate, StatesBothWidthsOfFilesThatDoNotBelongTogether) {
  const auto other = head_only("other.gguf", [](GgufWriter& writer) {
    writer.set("general.architecture", std::string("unheard-of"));
    writer.set("tokenizer.ggml.model", std::string("gpt2"));
    writer.set("tokenizer.ggml.tokens", std::span<const std::string>(std::vector<std::string>{"a", "b"}));
    writer.set("unheard-of.block_count", 1u);
    writer.set("unheard-of.context_length", 64u);
    writer.set("unheard-of.embedding_length", 96u);
  });
  const std::string sentence = refusal(other, mmproj.path());
  EXPECT_TRUE(sentence.contains("makes embeddings of width 128")) << sentence;
  EXPECT_TRUE(sentence.contains("reads width 96")) << sentence;
}

TEST_F(Validate, StatesTheNumbersThatContradictEachOther) {
  mmproj.set_u32("clip.vision.attention.head_count", 3);
  EXPECT_TRUE(refusal().contains("3 attention heads do not divide the encoder's width of 128"));
  mmproj.restore();
  mmproj.set_u32("clip.vision.patch_size", 0);
  EXPECT_TRUE(refusal().contains("'clip.vision.patch_size' is 0"));
  mmproj.restore();
  mmproj.set_u32("clip.vision.block_count", 5);
  EXPECT_TRUE(refusal().contains("lacks the tensor 'v.blk.4."));
  mmproj.restore();
  decoder.set_u32("llama.attention.head_count", 0);
  EXPECT_TRUE(refusal().contains("'llama.attention.head_count' is 0"));
  decoder.restore();
  decoder.set_u32("llama.block_count", 7);
  EXPECT_TRUE(refusal().contains("lacks the tensor 'blk.6."));
}

TEST_F(Validate, AMissingTokenOfTheProjectorMeansTwoModels) {
  const SynthPaths written = synthesise(test::small_idefics3(), {.directory = folder.path() / "idefics3"}).value();
  const Result<void> valid = validate_pair(written.decoder, written.mmproj);
  EXPECT_TRUE(valid) << valid.error().message;
  EXPECT_TRUE(refusal(decoder.path(), written.mmproj).contains("give the two files of one model"));
}

}  // namespace
}  // namespace fovea::llama
