#include "engine/llama/grammar/string_pattern.h"

#include <gtest/gtest.h>

#include <format>
#include <nlohmann/json.hpp>
#include <regex>

#include "engine/llama/grammar/grammar_matcher.h"

namespace fovea::llama {
namespace {

// Whether the grammar of a pattern takes `text` as it is written in JSON.
bool takes(const std::string& pattern, const std::string& text) {
  const auto made = string_pattern(pattern, WrittenAs::json);
  EXPECT_TRUE(made) << pattern << ": " << (made ? "" : made.error());
  const std::string quoted = nlohmann::json(text).dump();
  return test::GrammarMatcher("root ::= " + made.value_or(StringPattern{"\"\"", 0}).gbnf + "\n")
      .takes(std::string_view(quoted).substr(1, quoted.size() - 2));
}

// The library's regular expressions are ECMAScript's too.
TEST(StringPattern, TakesWhatTheExpressionMatches) {
  const std::string patterns[] = {
      "^a*$",       "^[a-c]{2,3}$",   "^(ab|c)+$",       "^\\d{3}-\\d{4}$", "^\\w+@\\w+\\.com$",
      "^[^a-y]$",   "^.?$",           "^(?:a|b(c|d)?)$", "^a\\.b$",         "^[\"\\\\]*$",
      "^\\S+$",     "^x{2}$",         "^x{2,}$",         "^(a+b?)*$",       "^$",
      "^[-+.\\]]$", "^\\u0041\\x42$", "^a+?b$",          "^[a-]+$",         "^(|a)b$"};
  const std::string texts[] = {"",        "a",   "aa",  "ab",      "abc",  "c",  "cab",     "123-4567",
                               "a@b.com", "z",   "\n",  "\"",      "\\\"", "b",  "bc",      "bd",
                               "a.b",     "axb", "x",   "xx",      "xxx",  "AB", "aab",     "-",
                               "]",       "a-a", "a b", "123-456", "abab", "\t", "a@b_com", "aabaa"};
  for (const std::string& pattern : patterns) {
    const std::regex expression(pattern);
    for (const std::string& text : texts)
      EXPECT_EQ(takes(pattern, text), std::regex_match(text, expression)) << pattern << " of " << nlohmann::json(text);
  }
}

TEST(StringPattern, CharactersBeyondAscii) {
  EXPECT_TRUE(takes("^\xc3\xa9$", "\xc3\xa9"));
  EXPECT_TRUE(takes("^.$", "\xf0\x9f\x98\x80"));
  EXPECT_TRUE(takes("^[\xc3\xa0-\xc3\xbf]+$", "\xc3\xa9\xc3\xa8"));
  EXPECT_FALSE(takes("^\\w$", "\xc3\xa9"));
  EXPECT_FALSE(takes("^\\S$", "\xc2\xa0"));
}

TEST(StringPattern, BetweenTagsItIsWrittenAsItIs) {
  const auto made = string_pattern("^[^x]+$", WrittenAs::text);
  ASSERT_TRUE(made);
  test::GrammarMatcher quoted("root ::= " + made->gbnf + "\n");
  EXPECT_TRUE(quoted.takes("a\"\\\nb"));
  EXPECT_FALSE(quoted.push('<'));
}

TEST(StringPattern, ManyAlternativesAreRefusedBeforeTheirEnd) {
  std::string pattern = "^(a";
  for (int i = 0; i < 2000; ++i) pattern += "|a";
  const auto made = string_pattern(pattern + "(?=$", WrittenAs::json);
  ASSERT_FALSE(made);
  EXPECT_TRUE(made.error().contains("too many characters")) << made.error() << ": it was read to its end";
}

TEST(StringPattern, WhatNoGrammarCanKeepToIsRefused) {
  for (const auto& [pattern, said] :
       std::initializer_list<std::pair<const char*, const char*>>{{"a", "begin it with ^"},
                                                                  {"^a", "begin it with ^"},
                                                                  {"^a\\$", "begin it with ^"},
                                                                  {"^a|b$", "write ^(a|b)$"},
                                                                  {"^(?=a)a$", "looks ahead"},
                                                                  {"^(a)\\1$", "\\1"},
                                                                  {"^\\bab$", "\\b"},
                                                                  {"^a^b$", "anchor"},
                                                                  {"^(a*)*$", "may be empty"},
                                                                  {"^(a$", "( without"},
                                                                  {"^a)$", ") without"},
                                                                  {"^[a$", "ends too early"},
                                                                  {"^[b-a]$", "wrong way"},
                                                                  {"^a{3,2}$", "wrong way"},
                                                                  {"^a{x}$", "no repetition"},
                                                                  {"^*a$", "repeats nothing"},
                                                                  {"^a**$", "repeats a"},
                                                                  {"^\\p{L}$", "\\p"},
                                                                  {"^a{2000}$", "more than 1000"},
                                                                  {"^(a{100}){100}$", "too many"},
                                                                  {"^a{0,200}a{0,200}$", "too many"},
                                                                  {"^[]$", "cannot be written"},
                                                                  {"^\\ud800$", "half a character"},
                                                                  {"^(?<n>a)$", "names a group"}}) {
    const auto made = string_pattern(pattern, WrittenAs::json);
    ASSERT_FALSE(made) << pattern;
    EXPECT_TRUE(made.error().contains(said)) << pattern << ": " << made.error();
  }
  EXPECT_FALSE(string_pattern("^" + std::string(5000, '(') + std::string(5000, ')') + "$", WrittenAs::json));
  EXPECT_FALSE(string_pattern("", WrittenAs::json));
  EXPECT_FALSE(string_pattern("^\\", WrittenAs::json));
}

}  // namespace
}  // namespace fovea::llama
