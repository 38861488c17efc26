#include "engine/llama/draft/same_vocabulary.h"

#include <gtest/gtest.h>

#include <format>

#include "base/owned.h"
#include "base/scratch_folder.h"
#include "engine/llama/backend.h"
#include "engine/llama/synth/synth.h"
#include "engine/models.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

class SameVocabulary : public testing::Test {
 protected:
  // A decoder with so many tokens, of which the last ones are made-up words.
  std::filesystem::path synthesised(ModelShape shape, std::uint32_t tokens) const {
    shape.name = std::format("{}-{}", shape.name, tokens);
    shape.decoder.vocabulary = tokens;
    return synthesise(shape, {.directory = folder.path()}).value().decoder;
  }

  static Result<void> check(const std::filesystem::path& model, const std::filesystem::path& draft) {
    start_backend();
    llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    const Owned<llama_model, llama_model_free> answering(llama_model_load_from_file(model.c_str(), params));
    const Owned<llama_model, llama_model_free> drafting(llama_model_load_from_file(draft.c_str(), params));
    return check_same_vocabulary({*llama_model_get_vocab(answering.get()), model},
                                 {*llama_model_get_vocab(drafting.get()), draft});
  }

  ScratchFolder folder = ScratchFolder::make("fovea-vocabularies-").value();
};

TEST_F(SameVocabulary, AModelHasItsOwn) { EXPECT_TRUE(check(test::tiny_model, test::tiny_model)); }

TEST_F(SameVocabulary, AnotherIsRefusedWithBothFilesAndTheFirstTokenThatDiffers) {
  const auto draft = synthesised(test::small_idefics3(), 512);
  const auto checked = check(test::tiny_model, draft);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().fault, Fault::invalid);
  const std::string& why = checked.error().message;
  EXPECT_TRUE(
      why.starts_with(std::format("'{}' cannot draft for '{}': token ", draft.string(), test::tiny_model.string())))
      << why;
  EXPECT_TRUE(why.contains(" in the one and ")) << why;
}

TEST_F(SameVocabulary, AnotherKindOfTokenizerIsRefused) {
  const auto checked = check(test::tiny_model, synthesised(test::small_gemma3(), 512));
  ASSERT_FALSE(checked);
  EXPECT_TRUE(checked.error().message.contains("different kinds")) << checked.error().message;
}

TEST_F(SameVocabulary, OneMayHaveSomeTokensMoreAtItsEnd) {
  const auto large = synthesised(test::small_gemma3(), 512), padded = synthesised(test::small_gemma3(), 400),
             small = synthesised(test::small_gemma3(), 383);
  EXPECT_TRUE(check(large, padded));
  EXPECT_TRUE(check(padded, large));
  const auto checked = check(large, small);
  ASSERT_FALSE(checked);
  EXPECT_TRUE(checked.error().message.contains("token 383")) << checked.error().message;
}

}  // namespace
}  // namespace fovea::llama
