#include "engine/llama/grammar/json_texts.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

std::string rule_text(const GbnfRules& rules, const std::string& name) {
  const std::string grammar = rules.finish(GbnfRules::value);
  const std::size_t at = grammar.find("\n" + name + " ::= ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + 1 + name.size() + 5;
  return grammar.substr(begin, grammar.find('\n', begin) - begin);
}

TEST(JsonTexts, RequiredMembersStandInTheirOrder) {
  GbnfRules rules;
  EXPECT_EQ(members(rules, {}, ""), "");
  EXPECT_EQ(members(rules, std::vector<Member>{{"x", true}}, ""), "x ");
  EXPECT_EQ(members(rules, std::vector<Member>{{"x", true}, {"y", true}}, ""), R"(x "," ws y )");
}

TEST(JsonTexts, OtherMembersMayBeLeftOut) {
  GbnfRules rules;
  EXPECT_EQ(members(rules, std::vector<Member>{{"x", false}}, ""), "( x )? ");
  EXPECT_EQ(members(rules, std::vector<Member>{{"x", true}, {"y", false}}, ""), R"(x ( "," ws y )? )");
}

TEST(JsonTexts, AnyNumberOfOthersComesLast) {
  GbnfRules rules;
  EXPECT_EQ(members(rules, {}, "other"), "( other r0* )? ");
  EXPECT_EQ(rule_text(rules, "r0"), R"("," ws other)");
  EXPECT_EQ(members(rules, std::vector<Member>{{"x", true}}, "other"), "x r0* ");
}

TEST(JsonTexts, AnotherKeyIsAnyStringWhereNoneIsNamed) {
  GbnfRules rules;
  EXPECT_EQ(other_key(rules, {}), "string");
}

TEST(JsonTexts, AnotherKeyDiffersFromTheNamedOnes) {
  GbnfRules rules;
  const std::string key = other_key(rules, {"a"});
  ASSERT_TRUE(key.starts_with(R"("\"" )")) << key;
  const std::string first = rule_text(rules, key.substr(5));
  // The empty key, "a" and more behind it, or another first character.
  EXPECT_TRUE(first.starts_with(R"("\"" | [\U00000061] )")) << first;
  EXPECT_TRUE(first.contains(GbnfRules::plain_character({U'a'}))) << first;
  const std::string behind = rule_text(rules, first.substr(20, first.find(' ', 20) - 20));
  EXPECT_TRUE(behind.starts_with(GbnfRules::plain_character({}))) << "not the end of the key: " << behind;
}

TEST(JsonTexts, FormatsAreKnownOrEmpty) {
  EXPECT_EQ(format_rule("date"), "date");
  EXPECT_EQ(format_rule("date-time"), R"(date "T" time)");
  EXPECT_NE(format_rule("uuid"), "");
  EXPECT_EQ(format_rule("email"), "");
}

}  // namespace
}  // namespace fovea::llama
