#include "engine/llama/vocabulary/control_tokens.h"

#include <gtest/gtest.h>

#include "engine/made_vocabulary.h"

namespace fovea::llama {
namespace {

using Place = ControlTokens::Place;
using test::MadeVocabulary;

TEST(ControlTokens, FindsTheFirstAndTheLongestThere) {
  const ControlTokens tokens({"<|a|>", "<|a|>b", "<|", "x"});
  EXPECT_EQ(tokens.find("no such"), std::nullopt);
  EXPECT_EQ(tokens.find("ab<|a|>bc x"), (Place{2, 6}));
  EXPECT_EQ(tokens.find("ab<|a|>bc x", 8), (Place{10, 1}));
  EXPECT_EQ(tokens.find("<|a"), (Place{0, 2}));
  EXPECT_EQ(tokens.find("<"), std::nullopt);
  EXPECT_EQ(tokens.find(""), std::nullopt);
  EXPECT_EQ(ControlTokens().find("<|a|>"), std::nullopt);
}

TEST(ControlTokens, FindsWhatASlowSearchFinds) {
  const std::vector<std::string> texts{"ab", "abab", "ba", "bbb", "\xff\xfe", "a\xff"};
  const ControlTokens tokens(texts);
  std::uint32_t state = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += "ab\xff\xfe"[(state = state * 1664525 + 1013904223) >> 30];
    std::optional<Place> expected;
    for (std::size_t at = 0; at < text.size() && !expected; ++at) {
      for (const std::string& token : texts) {
        if (text.substr(at).starts_with(token) && (!expected || expected->length < token.size()))
          expected = Place{at, token.size()};
      }
    }
    ASSERT_EQ(tokens.find(text), expected) << text;
  }
}

TEST(ProtectedTokens, AreControlTokensAndMarkupThatTheTemplateWrites) {
  const MadeVocabulary vocabulary({{"<|user|>", MadeVocabulary::control},
                                   {"<think>", MadeVocabulary::user_defined},
                                   {"<table>", MadeVocabulary::user_defined},
                                   {"assistant", MadeVocabulary::user_defined},
                                   {"\n\n\n", MadeVocabulary::user_defined},
                                   {"word", MadeVocabulary::normal}});
  const ProtectedTokens tokens = protected_tokens(vocabulary.get(), "<|user|>\n\n\nassistant <think>");
  EXPECT_TRUE(tokens.from_anyone.find("<|user|>"));
  EXPECT_TRUE(tokens.from_anyone.find("<unk>"));
  EXPECT_TRUE(tokens.from_anyone.find("</s>"));
  EXPECT_TRUE(tokens.from_anyone.find("<think>"));
  EXPECT_FALSE(tokens.from_anyone.find("<table> \n\n\n assistant word <0x41>"));
  EXPECT_EQ(tokens.from_model.find("<think><unk></s>"), (Place{12, 4}));
}

}  // namespace
}  // namespace fovea::llama
