#include "audit/spoilers/changing_text.h"

#include <gtest/gtest.h>

#include "audit/spoilers/seen_spoilers.h"

namespace fovea {
namespace {

using test::Asked;
using test::long_text;

class ChangingTextTest : public testing::Test {
 protected:
  ChangingText changing;
  test::SeenSpoilers seen{[this](const PlacedRequest& placed, SpoilerTable& table) { changing.see(placed, table); }};
};

TEST_F(ChangingTextTest, ATimeInFrontOfTheSystemPrompt) {
  const std::string rules = long_text(" Be kind.", 800);
  for (int minute = 10; minute < 15; ++minute)
    seen.see(Asked().system("It is 12:" + std::to_string(minute) + "." + rules).user("question " + rules));
  const auto found = seen.found();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SpoilerKind::changing_time);
  EXPECT_EQ(found[0].client, "shop");
  EXPECT_EQ(found[0].where, "system prompt");
  EXPECT_EQ(found[0].requests, 4U);  // the first one had nothing to find
  EXPECT_EQ(found[0].first_request, 2U);
  EXPECT_TRUE(found[0].sure);
  // All of both texts, though the question is the same too.
  EXPECT_NEAR(found[0].tokens, 4 * (2.0 * static_cast<double>(rules.size()) + 12 + 9) / 4, 4);
  EXPECT_GT(found[0].ms, 0);
}

TEST_F(ChangingTextTest, BehindWhatStaysTheSameItSpoilsOnlyWhatFollows) {
  const std::string rules = long_text("Be kind.", 2048);
  for (int i = 0; i < 3; ++i)
    seen.see(Asked().system(rules + " It is 12:0" + std::to_string(i)).user(long_text("Look.", 400)).user("?"));
  const auto found = seen.found();
  ASSERT_EQ(found.size(), 1U);
  // Of the rules, all but less than the last piece was found.
  EXPECT_LT(found[0].tokens / 2, (400 + 512) / 4.0);
  EXPECT_GE(found[0].tokens / 2, 400 / 4.0);
}

TEST_F(ChangingTextTest, IdsAndNumbersAreToldApart) {
  const std::string rules = long_text(" Be kind.", 800);
  for (int i = 0; i < 4; ++i) {
    seen.see(Asked("ids").system("Request $0a1b2c3" + std::to_string(i) + rules).user("?"));
    seen.see(Asked("numbers").system("Ticket 100" + std::to_string(i) + rules).user("?"));
  }
  const auto found = seen.found();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].kind, found[1].kind);
  for (const Spoiler& spoiler : found)
    EXPECT_EQ(spoiler.client, spoiler.kind == SpoilerKind::changing_id ? "ids" : "numbers");
}

TEST_F(ChangingTextTest, WhatIsAskedIsNoSpoiler) {
  const std::string rules = long_text("Be kind.", 800);
  for (int i = 0; i < 5; ++i)
    seen.see(Asked().system(rules).user({.pixels = "cat"}).text(long_text("What is in box " + std::to_string(i), 600)));
  EXPECT_TRUE(seen.found().empty());
}

TEST_F(ChangingTextTest, TextsThatDifferInWordsAreNone) {
  for (const char* name : {"Anna", "Berta", "Carla"})
    seen.see(Asked().system(long_text(std::string("You are ") + name, 800)).user("?"));
  EXPECT_TRUE(seen.found().empty());
}

TEST_F(ChangingTextTest, ShortOnesAreNotWorthALine) {
  for (int i = 0; i < 5; ++i) seen.see(Asked().system("12:0" + std::to_string(i)).user("?"));
  EXPECT_TRUE(seen.found().empty());
}

}  // namespace
}  // namespace fovea
