#include "audit/reuse/reuse_count.h"

#include <gtest/gtest.h>

#include "audit/asked.h"
#include "profile/example_profile.h"

namespace fovea {
namespace {

using test::Asked;
using test::AskedPicture;
using test::long_text;

class ReuseCountTest : public testing::Test {
 protected:
  void see(const Asked& asked) {
    const AuditedRequest request = asked;
    count.see(placer.place(request));
  }
  ReuseFindings found() const { return count.findings(placer, TokenFit{.per_byte = 0.25, .per_part = 0}); }

  RequestPlacer placer{ModelCosts(test::example_model()), false};
  ReuseCount count;
};

TEST_F(ReuseCountTest, PicturesComeAgain) {
  see(Asked("a").user({.pixels = "cat"}).text("what?"));
  see(Asked("a").user({.pixels = "cat"}).text("where?"));
  see(Asked("b").system("be kind").user({.pixels = "cat", .file = "cat.png"}).text("what?"));
  see(Asked("b").user({.pixels = "dog"}).text("what?"));
  const PictureReuse pictures = found().pictures;
  EXPECT_EQ(pictures.sent, 4U);
  EXPECT_EQ(pictures.different, 2U);
  EXPECT_EQ(pictures.same_file, 1U);
  EXPECT_EQ(pictures.other_file, 1U);
  EXPECT_EQ(pictures.same_prompt, 1U);
  EXPECT_EQ(pictures.other_prompt, 1U);
  EXPECT_EQ(pictures.other_client, 1U);
  EXPECT_EQ(pictures.bytes, 40'000);
  EXPECT_EQ(pictures.bytes_again, 10'000);
  EXPECT_EQ(pictures.tokens_again, 256);
}

TEST_F(ReuseCountTest, ScreensShareTiles) {
  see(Asked().user(AskedPicture{.pixels = "screen 1", .tiles = {"bar", "page 1", "foot"}}));
  see(Asked().user(AskedPicture{.pixels = "screen 2", .tiles = {"bar", "page 2", "foot"}}));
  see(Asked().user(AskedPicture{.pixels = "photo", .tiles = {"sky", "sea"}}));
  see(Asked().user(AskedPicture{.pixels = "screen 1", .tiles = {"bar", "page 1", "foot"}}));
  const PictureReuse pictures = found().pictures;
  EXPECT_EQ(pictures.as_tiles, 1U);
  EXPECT_EQ(pictures.tiles, 11U);
  EXPECT_EQ(pictures.tiles_again, 5U);
}

TEST_F(ReuseCountTest, PromptsShareBeginnings) {
  const std::string system = long_text("Be kind.", 800);
  see(Asked().system(system).user("one"));
  see(Asked().system(system).user("two"));
  see(Asked().system(system + " And brief.").user("two"));
  const PrefixReuse prefixes = found().prefixes;
  EXPECT_EQ(prefixes.prompts, 3U);
  EXPECT_EQ(prefixes.shared, 2U);
  const double whole = static_cast<double>(system.size());
  EXPECT_DOUBLE_EQ(prefixes.tokens_by_messages, whole / 4);  // of the second prompt alone
  EXPECT_DOUBLE_EQ(prefixes.tokens_known, (whole + 768) / 4);
  EXPECT_DOUBLE_EQ(prefixes.text_bytes_known, whole + 768);
}

TEST_F(ReuseCountTest, QuestionsAreRepeated) {
  see(Asked().user("one"));
  see(Asked().user("one"));
  see(Asked().user("one").settings(7));
  see(Asked().user("two").sampled());
  see(Asked().user("two").sampled());
  const QuestionReuse questions = found().questions;
  EXPECT_EQ(questions.asked, 5U);
  EXPECT_EQ(questions.repeats, 2U);
  EXPECT_EQ(questions.repeats_stored, 1U);
  EXPECT_EQ(questions.repeats_sampled, 1U);
  EXPECT_EQ(questions.other_settings, 1U);
}

TEST_F(ReuseCountTest, ByClientTheBusiestFirst) {
  for (int i = 0; i < 3; ++i) see(Asked("busy").user({.pixels = "cat"}).text("what?"));
  see(Asked("idle").user("hello"));
  const auto clients = found().by_client;
  ASSERT_EQ(clients.size(), 2U);
  EXPECT_EQ(clients[0].name, "busy");
  EXPECT_EQ(clients[0].requests, 3U);
  EXPECT_EQ(clients[0].pictures_again, 2U);
  EXPECT_EQ(clients[0].repeats, 2U);
  EXPECT_EQ(clients[1].repeats, 0U);
  ASSERT_EQ(found().by_model.size(), 1U);
  EXPECT_EQ(found().by_model[0].requests, 4U);
}

TEST_F(ReuseCountTest, ManyClientsAreSummedUp) {
  for (int i = 0; i < 50; ++i) see(Asked("client " + std::to_string(i)).user("hello"));
  const auto clients = found().by_client;
  ASSERT_EQ(clients.size(), 20U);
  EXPECT_EQ(clients.back().name, Names::others);
  EXPECT_EQ(clients.back().requests, 31U);
}

}  // namespace
}  // namespace fovea
