#include "engine/llama/gguf/decoder_checks.h"

#include <gtest/gtest.h>

#include "engine/llama/gguf/head_only.h"
#include "engine/models.h"
#include "engine/mutilation.h"

namespace fovea::llama {
namespace {

using test::head_only;

std::string refusal(const GgufFile& decoder) {
  const Result<void> accepted = check_decoder(decoder);
  return accepted ? "" : accepted.error().message;
}

// A model of an architecture that only the general checks know.
void fill_general(GgufWriter& writer) {
  writer.set("general.architecture", std::string("general"));
  writer.set("tokenizer.ggml.model", std::string("gpt2"));
  writer.set("tokenizer.ggml.tokens", std::span<const std::string>(std::vector<std::string>{"a", "b"}));
  writer.set("general.block_count", 1u);
  writer.set("general.context_length", 64u);
  writer.set("general.embedding_length", 96u);
}

TEST(DecoderChecks, AcceptTheBundledModelAndAGeneralOne) {
  EXPECT_EQ(refusal(GgufFile::open(test::tiny_model).value()), "");
  EXPECT_EQ(refusal(head_only(fill_general)), "");
}

TEST(DecoderChecks, APrefixStatesItsKindAndItsVocabulary) {
  EXPECT_TRUE(refusal(head_only([](GgufWriter&) {})).contains("does not say what kind of model it is"));
  const auto nameless =
      head_only([](GgufWriter& writer) { writer.set("general.architecture", std::string("general")); });
  EXPECT_TRUE(refusal(nameless).contains("has no vocabulary"));
}

TEST(DecoderChecks, ListsBesideTheVocabularyAreAsLong) {
  const auto short_list = head_only([](GgufWriter& writer) {
    fill_general(writer);
    writer.set("tokenizer.ggml.scores", std::span<const float>(std::vector<float>{1}));
  });
  EXPECT_TRUE(refusal(short_list).contains("'tokenizer.ggml.scores' should be a list of 2 numbers"));
}

TEST(DecoderChecks, NumbersLieWithinBounds) {
  const auto deep = head_only([](GgufWriter& writer) {
    fill_general(writer);
    writer.set("general.n_deepstack_layers", 100'000u);
  });
  EXPECT_TRUE(refusal(deep).contains("'general.n_deepstack_layers' is 100000"));
  const auto odd = head_only([](GgufWriter& writer) {
    fill_general(writer);
    writer.set("general.rope.dimension_count", 7u);
  });
  EXPECT_TRUE(refusal(odd).contains("rotates 7 elements"));
}

TEST(DecoderChecks, HeadsDivideTheWidth) {
  const test::ScratchFolder folder;
  test::MutilatedFile decoder(test::tiny_model, folder.path() / "decoder.gguf");
  decoder.set_u32("llama.attention.head_count", 3);
  const std::string sentence = refusal(GgufFile::open(decoder.path()).value());
  EXPECT_TRUE(sentence.contains("3 attention heads")) << sentence;
}

TEST(DecoderChecks, ExtraLayersOfEmbeddingsWidenTheInput) {
  EXPECT_EQ(decoder_input_width(head_only(fill_general)), 96);
  const auto deepstack = head_only([](GgufWriter& writer) {
    fill_general(writer);
    writer.set("general.n_deepstack_layers", 3u);
  });
  EXPECT_EQ(decoder_input_width(deepstack), 4 * 96);
}

}  // namespace
}  // namespace fovea::llama
