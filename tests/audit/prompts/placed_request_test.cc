#include "audit/prompts/placed_request.h"

#include <gtest/gtest.h>

#include "audit/asked.h"
#include "profile/example_profile.h"

namespace fovea {
namespace {

using test::Asked;
using test::long_text;

class PlacedRequestTest : public testing::Test {
 protected:
  // Until the next call.
  const PlacedRequest& place(const Asked& asked) {
    request = asked;
    return placer.place(request);
  }
  AuditedRequest request;
  RequestPlacer placer{ModelCosts(test::example_model()), false};
};

TEST_F(PlacedRequestTest, APromptBeginsAsEarlierOnesDid) {
  EXPECT_EQ(place(Asked().system("be kind").user({.pixels = "cat"}).text("what is it?")).known_places(), 0U);
  EXPECT_EQ(place(Asked().system("be kind").user({.pixels = "cat"}).text("which colour?")).known_places(), 2U);
  EXPECT_EQ(place(Asked().system("be kind").user({.pixels = "dog"}).text("what is it?")).known_places(), 1U);
  EXPECT_EQ(place(Asked().system("be rude").user({.pixels = "cat"}).text("what is it?")).known_places(), 0U);
  const PlacedRequest& again = place(Asked().system("be kind").user({.pixels = "cat"}).text("what is it?"));
  EXPECT_EQ(again.known_places(), 3U);
  EXPECT_TRUE(again.question.again);
  EXPECT_EQ(again.size.bytes, 7 + 11);
  EXPECT_EQ(again.size.parts, 3);
  EXPECT_EQ(again.size.picture_tokens, 128);
  EXPECT_EQ(again.number, 5U);
}

TEST_F(PlacedRequestTest, FollowsLongTextsPieceByPiece) {
  const std::string text = long_text("You are a helpful assistant.", 1000);
  place(Asked().system(text + " Today is Monday."));
  const PlacedRequest& other = place(Asked().system(text + " Today is Tuesday."));
  EXPECT_EQ(other.known_places(), 3U);  // 256, 512 and 768 bytes of them are equal
  EXPECT_EQ(other.path[2].size.bytes, 768);
  EXPECT_FALSE(other.path[2].ends_part);
}

TEST_F(PlacedRequestTest, WhoSaysItAndWhereAMessageBeginsCounts) {
  place(Asked().user("one").text("two"));
  EXPECT_EQ(place(Asked().system("one").text("two")).known_places(), 0U);
  EXPECT_EQ(place(Asked().user("one").user("two")).known_places(), 1U);
  EXPECT_EQ(place(Asked().user("one").text("two")).known_places(), 2U);
}

TEST_F(PlacedRequestTest, APictureIsItsPixelsWhateverItsFile) {
  place(Asked().user({.pixels = "cat", .file = "a.jpg"}).text("?"));
  const PlacedRequest& other = place(Asked().user({.pixels = "cat", .file = "b.png"}).text("?"));
  EXPECT_EQ(other.known_places(), 2U);
  EXPECT_TRUE(other.question.again);
  EXPECT_FALSE(other.pictures.front().verdict.same_file);
}

TEST_F(PlacedRequestTest, ModelsShareNothing) {
  place(Asked().user("hello").model("a"));
  EXPECT_EQ(place(Asked().user("hello").model("b")).known_places(), 0U);
  EXPECT_EQ(place(Asked("another").user("hello").model("a")).known_places(), 1U);
}

TEST(PlacedRequestByClient, ClientsShareNothing) {
  RequestPlacer placer{ModelCosts(test::example_model()), true};
  const AuditedRequest mine = Asked("me").user("hello"), yours = Asked("you").user("hello");
  placer.place(mine);
  EXPECT_EQ(placer.place(yours).known_places(), 0U);
  EXPECT_EQ(placer.place(mine).known_places(), 1U);
}

TEST_F(PlacedRequestTest, AnEarlierTurnIsNoQuestionOfALaterOne) {
  place(Asked().user("hello").assistant("hi").user("how are you?"));
  const PlacedRequest& shorter = place(Asked().user("hello"));
  EXPECT_EQ(shorter.known_places(), 1U);
  EXPECT_FALSE(shorter.question.prompt_again);
}

TEST_F(PlacedRequestTest, ARequestWithoutAPromptHasNoPlace) {
  place(Asked());
  const PlacedRequest& placed = place(Asked());
  EXPECT_TRUE(placed.path.empty());
  EXPECT_FALSE(placed.question.again);
}

}  // namespace
}  // namespace fovea
