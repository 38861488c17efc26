#include "engine/llama/synth/synth_vocabulary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

ModelShape small_llava() {
  ModelShape shape = test::small_idefics3();
  shape.family = ModelShape::Family::llava;
  return shape;
}

void expect_sound(const SynthVocabulary& vocabulary, std::size_t size) {
  EXPECT_EQ(vocabulary.tokens.size(), size);
  EXPECT_EQ(vocabulary.types.size(), size);
  EXPECT_EQ(vocabulary.scores.size(), size);
  EXPECT_EQ(std::set<std::string>(vocabulary.tokens.begin(), vocabulary.tokens.end()).size(), size) << "all differ";
  EXPECT_TRUE(std::ranges::is_sorted(vocabulary.silent));
  EXPECT_GE(size - vocabulary.silent.size(), 64u) << "words to answer with";
  EXPECT_GT(vocabulary.silent.size(), 256u) << "bytes and special tokens";
  EXPECT_TRUE(std::ranges::binary_search(vocabulary.silent, vocabulary.eos)) << "an answer never ends by itself";
}

bool has(const SynthVocabulary& vocabulary, std::string_view token) {
  return std::ranges::contains(vocabulary.tokens, token);
}

TEST(SynthVocabulary, OfIdefics3HasTheTokensOfItsTiles) {
  const SynthVocabulary vocabulary = make_synth_vocabulary(test::small_idefics3());
  expect_sound(vocabulary, 512);
  EXPECT_EQ(vocabulary.model, "gpt2");
  for (const char* token : {"<global-img>", "<row_1_col_1>", "<row_6_col_6>", "<fake_token_around_image>", "ĊĊ"})
    EXPECT_TRUE(has(vocabulary, token)) << token;
  EXPECT_FALSE(has(vocabulary, "<row_7_col_1>"));
}

TEST(SynthVocabulary, OfALargerGridHasMoreOfThem) {
  ModelShape shape = test::small_idefics3();
  shape.vision.image_size_max = 8 * shape.vision.image_size;
  EXPECT_GT(vocabulary_min(shape), vocabulary_min(test::small_idefics3()));
  shape.decoder.vocabulary = vocabulary_min(shape);
  EXPECT_TRUE(has(make_synth_vocabulary(shape), "<row_8_col_8>"));
}

TEST(SynthVocabulary, OfLlavaIsOfSentencePieces) {
  const SynthVocabulary vocabulary = make_synth_vocabulary(small_llava());
  expect_sound(vocabulary, 512);
  EXPECT_EQ(vocabulary.model, "llama");
  EXPECT_TRUE(vocabulary.add_bos);
  EXPECT_TRUE(has(vocabulary, "<0x0A>"));
}

TEST(SynthVocabulary, OfMinicpmvHasTheTokensAroundTilesBehindTheWords) {
  const SynthVocabulary vocabulary = make_synth_vocabulary(test::small_minicpmv());
  expect_sound(vocabulary, 512);
  EXPECT_EQ(vocabulary.model, "llama");
  for (const char* token : {"<image>", "</image>", "<slice>", "</slice>", "<|im_end|>", "<0x0A>"})
    EXPECT_TRUE(has(vocabulary, token)) << token;
  EXPECT_EQ(vocabulary.silent.back(), 511);
}

TEST(SynthVocabulary, TheLeastSizeIsEnough) {
  for (ModelShape shape : {test::small_idefics3(), small_llava(), test::small_minicpmv()}) {
    shape.decoder.vocabulary = vocabulary_min(shape);
    expect_sound(make_synth_vocabulary(shape), shape.decoder.vocabulary);
  }
}

TEST(SynthVocabularyDeathTest, LessThanThatIsAMistakeOfTheCaller) {
  ModelShape shape = test::small_idefics3();
  shape.decoder.vocabulary = vocabulary_min(shape) - 1;
  EXPECT_DEATH(make_synth_vocabulary(shape), "has room");
}

}  // namespace
}  // namespace fovea::llama
