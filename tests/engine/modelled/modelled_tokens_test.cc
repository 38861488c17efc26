#include "engine/modelled/modelled_tokens.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

std::string text_of(const std::vector<std::int32_t>& tokens) {
  std::string text;
  for (const std::int32_t token : tokens) text += modelled_token_text(token);
  return text;
}

TEST(ModelledTokens, AreTheTextAgain) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
  for (const std::string& text : {std::string("What is in the picture?\nA square."), std::string("Größe, 色 and 🙂"),
                                  std::string("<|im_start|>"), all_bytes, std::string()}) {
    const auto tokens = modelled_tokens(text, true);
    EXPECT_EQ(text_of(tokens), text);
    for (const std::int32_t token : tokens) EXPECT_TRUE(token >= 0 && token < modelled_vocabulary);
  }
}

TEST(ModelledTokens, AreAboutAsManyAsWords) {
  EXPECT_EQ(modelled_tokens("What is it?", false).size(), 3U);
  EXPECT_EQ(modelled_tokens("a square", false).size(), 3U) << "one has four characters at most";
}

TEST(ModelledTokens, ATextThatGoesOnBeginsAsBefore) {
  const auto before = modelled_tokens("one two\n", false), after = modelled_tokens("one two\nthree", false);
  ASSERT_LT(before.size(), after.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end() - 1, after.begin()));
}

TEST(ModelledTokens, ControlTokensAreThoseOfTheTemplateAlone) {
  const auto control = modelled_tokens("<|im_start|>user", true), plain = modelled_tokens("<|im_start|>user", false);
  EXPECT_TRUE(is_control_token(control.front()));
  EXPECT_EQ(control.size(), 2U);
  for (const std::int32_t token : plain) EXPECT_FALSE(is_control_token(token));
  EXPECT_EQ(text_of(plain), text_of(control));
}

TEST(ModelledTokens, OtherNumbersHaveNoText) {
  EXPECT_EQ(modelled_token_text(-1), "");
  EXPECT_EQ(modelled_token_text(modelled_vocabulary), "");
  EXPECT_EQ(modelled_token_text((1 << 30) | (3 << 24)), "") << "four bytes are not ASCII";
  EXPECT_EQ(modelled_token_text((1 << 30) | (1 << 28) | 2), "");
  EXPECT_EQ(modelled_token_text(ascii_token("abcd")), "abcd");
}

}  // namespace
}  // namespace fovea
