#include "engine/llama/decode/token_text.h"

#include <gtest/gtest.h>

#include "engine/vocabulary.h"

namespace fovea::llama {
namespace {

TEST(TokenText, IsTheTokensBytes) {
  const test::Vocabulary vocabulary;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(token_text(&vocabulary.get(), vocabulary.of(text[0]), false), text) << byte;
  }
}

TEST(TokenText, ASpecialTokenHasTextOnlyWhereWanted) {
  const test::Vocabulary vocabulary;
  EXPECT_EQ(token_text(&vocabulary.get(), 1216, true), "<|user|>");
  EXPECT_EQ(token_text(&vocabulary.get(), 1216, false), "");
}

}  // namespace
}  // namespace fovea::llama
