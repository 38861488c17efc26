#include "serve/dashboard/recent_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <format>

#include "image/decode.h"
#include "image/encode.h"

namespace fovea::serve {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Blob png(char grey) {
  const DecodedImage image{300, 200, Blob::copy_of(std::string(std::size_t{300} * 200 * 3, grey))};
  return encode_png(image).value_or(Blob());
}

Key key_of(std::string_view name) { return KeyBuilder("test/1").field(name).finish(); }

// One question about one image, and its answer.
struct Answered {
  Request request;
  Answer answer;
};

Answered question_of(const std::string& tenant, const std::string& question, std::string_view image = "p") {
  Answered answered;
  answered.request.tenant = tenant;
  answered.request.messages = {{"system", {"Be brief."}}, {"user", {ImageSlot{0}, question}}};
  answered.request.sources = {{png('a'), "picture"}};
  answered.answer.text = "An answer.";
  answered.answer.report.images = {{.image_key = key_of(image), .width = 300, .height = 200}};
  answered.answer.report.response = answered.answer.report.prefix = answered.answer.report.embedding = Outcome::miss;
  return answered;
}

void add(RecentRequests& recent, const Answered& answered, double unix_ms = 1000) {
  recent.add(answered.request, answered.answer, unix_ms);
}

std::vector<std::string> questions(const RecentRequests& recent, const std::string& tenant, std::uint64_t after = 0) {
  std::vector<std::string> texts;
  for (const auto& request : recent.after(tenant, after)) texts.push_back(request->question);
  return texts;
}

TEST(RecentRequests, ARenderedPromptIsShownAsAQuestion) {
  RecentRequests recent;
  Answered answered = question_of("a", "");
  answered.request.messages.clear();
  answered.request.prompt = Prompt{{"<|user|>", ImageSlot{0}, "What is it?", PlainText{"<|end|>"}}};
  add(recent, answered);
  EXPECT_THAT(questions(recent, "a"), ElementsAre("<|user|> What is it?"));
}

TEST(RecentRequests, KeepsQuestionAnswerAndWhatAnswered) {
  RecentRequests recent;
  Answered answered = question_of("a", "What is it?");
  answered.answer.report.embedding = Outcome::hit;
  answered.answer.report.saved_ms = 12;
  answered.answer.report.times.encode_ms = 3;
  add(recent, answered, 5000);
  const auto seen = recent.after("a", 0);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0]->question, "What is it?");
  EXPECT_EQ(seen[0]->answer, "An answer.");
  EXPECT_EQ(seen[0]->by, AnsweredBy::embedding);
  EXPECT_EQ(seen[0]->at_unix_ms, 5000);
  EXPECT_EQ(seen[0]->times.encode_ms, 3);
  EXPECT_EQ(seen[0]->images[0].width, 300u);
  EXPECT_FALSE(seen[0]->images[0].heat);
}

TEST(RecentRequests, TheQuestionIsTheTextOfTheLastUserMessage) {
  RecentRequests recent;
  Answered answered = question_of("a", "first");
  answered.request.messages.push_back({"assistant", {"no"}});
  answered.request.messages.push_back({"user", {"And", ImageSlot{0}, "now?"}});
  answered.request.messages.push_back({"assistant", {"It"}});
  add(recent, answered);
  EXPECT_THAT(questions(recent, "a"), ElementsAre("And now?"));
}

TEST(RecentRequests, ATenantSeesItsOwnRequestsOnly) {
  RecentRequests recent;
  add(recent, question_of("a", "mine"));
  add(recent, question_of("b", "theirs"));
  add(recent, question_of("b", "theirs too"));
  add(recent, question_of("a", "mine again"));
  EXPECT_THAT(questions(recent, "a"), ElementsAre("mine", "mine again"));
  EXPECT_EQ(recent.after("a", 0).back()->id, 2u) << "an id that counted others' requests would tell how many there are";
  EXPECT_EQ(recent.totals("a").answered_by[3], 2u);
  EXPECT_TRUE(recent.after("c", 0).empty());
  EXPECT_EQ(recent.totals("c").answered_by[3], 0u);
}

TEST(RecentRequests, AThumbnailIsForTheTenantThatAskedAboutTheImage) {
  RecentRequests recent;
  add(recent, question_of("a", "?", "p"));
  EXPECT_TRUE(recent.thumbnail("a", key_of("p")));
  EXPECT_FALSE(recent.thumbnail("b", key_of("p")));
  EXPECT_FALSE(recent.thumbnail("", key_of("p")));
}

TEST(RecentRequests, OnlyTheNewestAreKept) {
  RecentRequests recent;
  for (std::size_t i = 1; i <= RecentRequests::requests_max + 3; ++i) add(recent, question_of("a", std::to_string(i)));
  EXPECT_THAT(recent.after("a", 0), SizeIs(RecentRequests::requests_max));
  EXPECT_EQ(recent.after("a", 0).front()->question, "4");
  EXPECT_THAT(questions(recent, "a", RecentRequests::requests_max + 1), ElementsAre("52", "53"));
  EXPECT_TRUE(recent.after("a", 1'000'000).empty());
}

TEST(RecentRequests, TheTenantThatAskedLongestAgoIsRemovedFirst) {
  RecentRequests recent;
  for (std::size_t i = 0; i < RecentRequests::tenants_max; ++i)
    add(recent, question_of(std::format("t{}", i), "?"), 1000.0 + static_cast<double>(i));
  add(recent, question_of("t0", "again"), 5000);
  add(recent, question_of("new", "?"), 6000);
  EXPECT_TRUE(recent.after("t1", 0).empty());
  EXPECT_THAT(recent.after("t0", 0), SizeIs(2));
  EXPECT_THAT(recent.after("new", 0), SizeIs(1));
}

TEST(RecentRequests, LongTextsAreCutBetweenCharacters) {
  RecentRequests recent;
  std::string long_text;
  for (std::size_t i = 0; i < 1000; ++i) long_text += "é";
  Answered answered = question_of("a", long_text);
  answered.answer.text = long_text;
  add(recent, answered);
  std::string kept = long_text.substr(0, RecentRequests::text_characters_max * 2) + "…";
  EXPECT_THAT(questions(recent, "a"), ElementsAre(kept));
  EXPECT_EQ(recent.after("a", 0)[0]->answer, kept);
}

TEST(RecentRequests, ARequestWithNoStoreIsCountedOnly) {
  RecentRequests recent;
  Answered answered = question_of("a", "a secret");
  answered.request.cache.write = false;
  add(recent, answered);
  EXPECT_TRUE(recent.after("a", 0).empty());
  EXPECT_FALSE(recent.thumbnail("a", key_of("p")));
  EXPECT_EQ(recent.totals("a").answered_by[3], 1u);
}

TEST(RecentRequests, CountsTheLevelsThatAnswered) {
  RecentRequests recent;
  Answered answered = question_of("a", "?");
  add(recent, answered);
  answered.answer.report.prefix = Outcome::hit;
  answered.answer.report.embedding = Outcome::bypass;
  answered.answer.report.saved_ms = 30;
  add(recent, answered);
  answered.answer.report.response = Outcome::hit;
  answered.answer.report.prefix = Outcome::bypass;
  answered.answer.report.saved_ms = 50;
  add(recent, answered);
  const RecentTotals totals = recent.totals("a");
  EXPECT_THAT(totals.answered_by, ElementsAre(1, 1, 0, 1));
  EXPECT_EQ(totals.levels[0].hits, 1u);
  EXPECT_EQ(totals.levels[0].misses, 2u);
  EXPECT_EQ(totals.levels[1].hits, 1u);
  EXPECT_EQ(totals.levels[1].misses, 1u);
  EXPECT_EQ(totals.levels[2].hits, 0u);
  EXPECT_EQ(totals.levels[2].misses, 1u);
  EXPECT_EQ(totals.saved_ms, 80);
}

TEST(RecentRequests, AHeatMapIsScaledAndMadeCoarse) {
  RecentRequests recent;
  Answered answered = question_of("a", "?");
  answered.answer.attention.emplace();
  PictureMap fine{.columns = 64, .rows = 2, .scores = std::vector<float>(128, 0.25F)};
  fine.scores[0] = fine.scores[1] = 0.75F;
  fine.scores[127] = 0.5F;
  answered.answer.attention->pictures = {fine};
  add(recent, answered);
  const auto heat = recent.after("a", 0)[0]->images[0].heat;
  ASSERT_TRUE(heat);
  EXPECT_EQ(heat->columns, 32u);
  EXPECT_EQ(heat->rows, 2u);
  ASSERT_THAT(heat->scores, SizeIs(64));
  EXPECT_EQ(heat->scores[0], 255);
  EXPECT_EQ(heat->scores[1], 0);
  EXPECT_EQ(heat->scores[63], 64) << "half of 0.25 and 0.5: a quarter of the way";
}

TEST(RecentRequests, AFlatMapIsZeroAndAnEmptyOneIsNone) {
  RecentRequests recent;
  Answered answered = question_of("a", "?");
  answered.answer.attention.emplace();
  answered.answer.attention->pictures = {{.columns = 1, .rows = 1, .scores = {0.5F}}};
  add(recent, answered);
  answered.answer.attention->pictures = {{}};
  add(recent, answered);
  const auto seen = recent.after("a", 0);
  EXPECT_THAT(seen[0]->images[0].heat->scores, ElementsAre(0));
  EXPECT_FALSE(seen[1]->images[0].heat);
}

TEST(RecentRequests, PurgingAnImageRemovesItsRequests) {
  RecentRequests recent;
  add(recent, question_of("a", "one", "p"));
  add(recent, question_of("a", "two", "q"));
  add(recent, question_of("b", "three", "p"));
  recent.purge("a", key_of("p"));
  EXPECT_THAT(questions(recent, "a"), ElementsAre("two"));
  EXPECT_FALSE(recent.thumbnail("a", key_of("p")));
  EXPECT_TRUE(recent.thumbnail("b", key_of("p")));
  recent.purge("a");
  EXPECT_TRUE(recent.after("a", 0).empty());
  EXPECT_FALSE(recent.thumbnail("a", key_of("q")));
  EXPECT_THAT(questions(recent, "b"), ElementsAre("three"));
}

TEST(RecentRequests, OfManyImagesTheFirstAreKept) {
  RecentRequests recent;
  Answered answered = question_of("a", "?");
  answered.request.sources.assign(6, {png('a'), "picture"});
  answered.answer.report.images.assign(6, {.image_key = key_of("p"), .width = 1, .height = 1});
  add(recent, answered);
  EXPECT_THAT(recent.after("a", 0)[0]->images, SizeIs(RecentRequests::images_max));
  EXPECT_EQ(recent.after("a", 0)[0]->images_asked, 6u);
}

}  // namespace
}  // namespace fovea::serve
