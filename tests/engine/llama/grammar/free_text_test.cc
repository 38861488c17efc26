#include "engine/llama/grammar/free_text.h"

#include <gtest/gtest.h>

#include <array>

#include "engine/llama/grammar/grammar_matcher.h"

namespace fovea::llama {
namespace {

bool takes(const GbnfRules& rules, GbnfRules::Id root, std::string_view text) {
  return test::GrammarMatcher(rules.finish(root)).takes(text);
}

TEST(FreeText, EndsAnywhereOrWithTheMark) {
  GbnfRules rules;
  const auto text = text_up_to(rules, "abac", R"("!")", true);
  for (const char* taken : {"", "xyz", "aba", "ababab", "abac!", "ababac!", "aabac!", "\xc3\xa9 abac!"})
    EXPECT_TRUE(takes(rules, text, taken)) << taken;
  for (const char* refused : {"abac", "abacx", "xxabac ", "abac!x", "abac!abac!"})
    EXPECT_FALSE(takes(rules, text, refused)) << refused;
}

TEST(FreeText, HasToEndWithTheMark) {
  GbnfRules rules;
  const auto text = text_up_to(rules, "</p>", "", false);
  for (const char* taken : {"</p>", "a</p>", "<</p>", "</</p>", "\n<p></p>"})
    EXPECT_TRUE(takes(rules, text, taken)) << taken;
  for (const char* refused : {"", "a", "</p", "</p>x"}) EXPECT_FALSE(takes(rules, text, refused)) << refused;
}

TEST(FreeText, OneOfSomeBeginningsOrAnythingElse) {
  GbnfRules rules;
  const auto text = text_or(rules, std::array{Beginning{"{", R"("1")"}, Beginning{"<|x|>", R"("2")"}});
  for (const char* taken :
       {"", " \n", "abc\xc3\xa9", " {1", "{1", "<|x|>2", "\n<|x|>2", "<b>", "<|x", "<|x|", "a {", "a <|x|>"})
    EXPECT_TRUE(takes(rules, text, taken)) << taken;
  for (const char* refused : {"{", "{a", "{12", " <|x|>", "<|x|>3"})
    EXPECT_FALSE(takes(rules, text, refused)) << refused;
}

}  // namespace
}  // namespace fovea::llama
