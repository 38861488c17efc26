// A pair of idefics3's kind with 3 x 3 tiles, for whose projector libmtmd looks tokens up.
#include "engine/llama/gguf/special_tokens.h"

#include <gtest/gtest.h>

#include <format>

#include "engine/llama/synth/synth.h"
#include "engine/models.h"
#include "engine/mutilation.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

class SpecialTokens : public testing::Test {
 protected:
  std::string refusal(const std::filesystem::path& decoder) const {
    const Result<void> accepted =
        check_special_tokens(GgufFile::open(decoder).value(), GgufFile::open(written.mmproj).value());
    return accepted ? "" : accepted.error().message;
  }

  test::ScratchFolder folder;
  SynthPaths written = synthesise(test::small_idefics3(), {.directory = folder.path() / "idefics3"}).value();
};

TEST_F(SpecialTokens, AllThereIsAccepted) { EXPECT_EQ(refusal(written.decoder), ""); }

TEST_F(SpecialTokens, EachMissingOneIsNamed) {
  test::MutilatedFile text(written.decoder, folder.path() / "text.gguf");
  std::vector<std::string> tokens{"<fake_token_around_image>", "<global-img>"};
  for (int row = 1; row <= 3; ++row) {
    for (int column = 1; column <= 3; ++column) tokens.push_back(std::format("<row_{}_col_{}>", row, column));
  }
  for (const std::string& token : tokens) {
    text.rename(token, std::string(token.size(), '#'));
    const std::string sentence = refusal(text.path());
    EXPECT_TRUE(sentence.contains(std::format("lacks the token '{}'", token))) << sentence;
    text.restore();
  }
  text.rename("ĊĊ", "????");
  EXPECT_TRUE(refusal(text.path()).contains("lacks the token 'double newline'"));
}

TEST_F(SpecialTokens, AProjectorWithoutSuchTokensNeedsNone) {
  const auto decoder = GgufFile::open(test::tiny_model).value();
  const auto mmproj = GgufFile::open(test::tiny_mmproj).value();
  EXPECT_TRUE(check_special_tokens(decoder, mmproj));
}

}  // namespace
}  // namespace fovea::llama
