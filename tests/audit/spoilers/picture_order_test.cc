#include "audit/spoilers/picture_order.h"

#include <gtest/gtest.h>

#include "audit/spoilers/seen_spoilers.h"

namespace fovea {
namespace {

using test::Asked;

class PictureOrderTest : public testing::Test {
 protected:
  PictureOrder order;
  test::SeenSpoilers seen{[this](const PlacedRequest& placed, SpoilerTable& table) { order.see(placed, &table); }};
};

TEST_F(PictureOrderTest, APictureBehindChangingQuestions) {
  for (const char* question : {"what?", "where?", "who?", "why?"})
    seen.see(Asked().system("be kind").user(question).also({.pixels = "cat"}));
  const auto found = seen.found();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SpoilerKind::picture_behind_text);
  EXPECT_EQ(found[0].requests, 3U);
  EXPECT_EQ(found[0].tokens, 3 * 128);
  EXPECT_EQ(found[0].where, "message 2, of the user");
}

TEST_F(PictureOrderTest, TheSameTextIsNoHindrance) {
  for (const char* question : {"what?", "where?", "who?"})
    seen.see(Asked().user("Look at this:").also({.pixels = "cat"}).text(question));
  EXPECT_TRUE(seen.found().empty());
}

TEST_F(PictureOrderTest, PicturesInFrontAreWell) {
  for (const char* question : {"what?", "where?", "who?"}) seen.see(Asked().user({.pixels = "cat"}).text(question));
  EXPECT_TRUE(seen.found().empty());
}

// In another order of the messages before it, the picture would not be found in front either.
TEST_F(PictureOrderTest, OtherMessagesBeforeAreAnotherMatter) {
  for (const char* system : {"be kind", "be rude", "be brief"})
    seen.see(Asked().system(system).user("what?").also({.pixels = "cat"}));
  EXPECT_TRUE(seen.found().empty());
}

TEST_F(PictureOrderTest, AllPicturesOfAMessageCount) {
  for (const char* question : {"what?", "where?", "who?", "when?"})
    seen.see(Asked().user(question).also({.pixels = "cat"}).also({.pixels = "dog"}));
  const auto found = seen.found();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].tokens, 3 * 256);
}

// It is seen all the same: a later request finds the picture where it would be.
TEST(PictureOrderToldElsewhere, IsNotToldAgain) {
  PictureOrder order;
  int requests = 0;
  test::SeenSpoilers seen(
      [&](const PlacedRequest& placed, SpoilerTable& table) { order.see(placed, ++requests < 4 ? nullptr : &table); });
  for (const char* question : {"what?", "where?", "who?", "when?", "why?", "which?"})
    seen.see(Asked().user(question).also({.pixels = "cat"}));
  ASSERT_EQ(seen.found().size(), 1U);
  EXPECT_EQ(seen.found()[0].requests, 3U);
}

}  // namespace
}  // namespace fovea
