#include "engine/llama/grammar/gbnf_rules.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

using Id = GbnfRules::Id;

TEST(GbnfRules, RulesOfTheSameTextAreOneRule) {
  GbnfRules rules;
  const Id one = rules.text("\"a\"");
  EXPECT_EQ(rules.text("\"a\""), one);
  EXPECT_NE(rules.text("\"b\""), one);
  EXPECT_EQ(rules.text("\"true\" | \"false\""), GbnfRules::boolean) << "a rule of JSON";
  EXPECT_EQ(GbnfRules::name(one), "r0");
  EXPECT_EQ(GbnfRules::name(GbnfRules::string), "string");
}

TEST(GbnfRules, AChoiceIsOfDifferentRulesInOrder) {
  GbnfRules rules;
  EXPECT_EQ(rules.either({GbnfRules::null}, true), GbnfRules::null);
  EXPECT_EQ(rules.either({GbnfRules::null, GbnfRules::null}, true), GbnfRules::null);
  const Id choice = rules.either({GbnfRules::null, GbnfRules::number}, true);
  EXPECT_EQ(rules.either({GbnfRules::number, GbnfRules::null}, true), choice);
  EXPECT_TRUE(rules.finish(choice).contains("root ::= r0\n"));
  EXPECT_TRUE(rules.finish(choice).contains("r0 ::= number | null\n"));
}

TEST(GbnfRules, SizeCountsRulesAlternativesAndWhatIsSpent) {
  GbnfRules rules;
  const std::size_t before = rules.size();
  rules.text("\"a\"");
  EXPECT_EQ(rules.size(), before + 1);
  rules.either({GbnfRules::null, GbnfRules::number, GbnfRules::string}, true);
  EXPECT_EQ(rules.size(), before + 1 + 3 + 1);
  rules.spend(5);
  EXPECT_EQ(rules.size(), before + 10);
}

TEST(GbnfRules, ARuleMayLeadToItselfThroughAContainerOnly) {
  GbnfRules through, straight;
  const Id list = through.reserve();
  through.define(list, through.container("\"[\" " + GbnfRules::name(list) + "? \"]\"", {list}));
  EXPECT_EQ(through.obstacle(), "");
  const Id circle = straight.reserve();
  straight.define(circle, straight.either({GbnfRules::null, circle}, true));
  EXPECT_TRUE(straight.obstacle().contains("itself")) << straight.obstacle();
}

TEST(GbnfRules, AlternativesThatGoOnAlikeAreRefused) {
  const auto nested = [](bool apart) {
    GbnfRules rules;
    const Id any = rules.reserve();
    const std::string name = GbnfRules::name(any);
    const Id one = rules.container("\"[\" " + name + "? \"]\"", {any});
    const Id other = rules.container("\"[\" " + name + " \"]\"", {any});
    rules.define(any, rules.either({one, other}, apart));
    return std::string(rules.obstacle());
  };
  EXPECT_EQ(nested(true), "");
  EXPECT_TRUE(nested(false).contains("alike")) << nested(false);
}

TEST(GbnfRules, LiteralsAndCharactersAreEscaped) {
  EXPECT_EQ(GbnfRules::literal(R"(a"b\)"), R"("a\"b\\")");
  EXPECT_EQ(GbnfRules::plain_character({}),
            R"([\U00000020-\U00000021\U00000023-\U0000005B\U0000005D-\U0000D7FF\U0000E000-\U0010FFFF])");
  EXPECT_EQ(GbnfRules::plain_character({U' ', U'b', U'"'}),
            R"([\U00000021\U00000023-\U0000005B\U0000005D-\U00000061\U00000063-\U0000D7FF\U0000E000-\U0010FFFF])");
}

}  // namespace
}  // namespace fovea::llama
