#include "serve/recent_looks.h"

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
  const Image image{300, 200, Blob::copy_of(std::string(std::size_t{300} * 200 * 3, grey))};
  return encode_png(image).value_or(Blob());
}

Key key_of(std::string_view name) { return KeyBuilder("test/1").field(name).finish(); }

// One question about one picture.
struct Asked {
  Request request;
  Answer answer;
};

Asked asked(const std::string& tenant, const std::string& question, std::string_view picture = "p") {
  Asked all;
  all.request.tenant = tenant;
  all.request.messages = {{"system", {"Be brief."}}, {"user", {ImageSlot{0}, question}}};
  all.request.sources = {{png('a'), "picture"}};
  all.answer.text = "An answer.";
  all.answer.report.images = {{.image_key = key_of(picture), .width = 300, .height = 200}};
  all.answer.report.response = all.answer.report.prefix = all.answer.report.embedding = Outcome::miss;
  return all;
}

void add(RecentLooks& looks, const Asked& all, double unix_ms = 1000) { looks.add(all.request, all.answer, unix_ms); }

std::vector<std::string> questions(const RecentLooks& looks, const std::string& tenant, std::uint64_t after = 0) {
  std::vector<std::string> texts;
  for (const auto& look : looks.after(tenant, after)) texts.push_back(look->question);
  return texts;
}

TEST(RecentLooks, TellsWhatWasAskedAndAnswered) {
  RecentLooks looks;
  Asked all = asked("a", "What is it?");
  all.answer.report.embedding = Outcome::hit;
  all.answer.report.saved_ms = 12;
  all.answer.report.times.encode_ms = 3;
  add(looks, all, 5000);
  const auto seen = looks.after("a", 0);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0]->question, "What is it?");
  EXPECT_EQ(seen[0]->answer, "An answer.");
  EXPECT_EQ(seen[0]->by, AnsweredBy::embedding);
  EXPECT_EQ(seen[0]->at_unix_ms, 5000);
  EXPECT_EQ(seen[0]->times.encode_ms, 3);
  EXPECT_EQ(seen[0]->pictures[0].width, 300u);
  EXPECT_FALSE(seen[0]->pictures[0].heat);
}

TEST(RecentLooks, TheQuestionIsTheLastThingThatAUserSaid) {
  RecentLooks looks;
  Asked all = asked("a", "first");
  all.request.messages.push_back({"assistant", {"no"}});
  all.request.messages.push_back({"user", {"And", ImageSlot{0}, "now?"}});
  all.request.messages.push_back({"assistant", {"It"}});
  add(looks, all);
  EXPECT_THAT(questions(looks, "a"), ElementsAre("And now?"));
}

TEST(RecentLooks, NobodySeesWhatIsAnothers) {
  RecentLooks looks;
  add(looks, asked("a", "mine"));
  add(looks, asked("b", "theirs"));
  add(looks, asked("b", "theirs too"));
  add(looks, asked("a", "mine again"));
  EXPECT_THAT(questions(looks, "a"), ElementsAre("mine", "mine again"));
  EXPECT_EQ(looks.after("a", 0).back()->id, 2u) << "an id that counted others' requests would tell how many there are";
  EXPECT_EQ(looks.totals("a").answered_by[3], 2u);
  EXPECT_TRUE(looks.after("c", 0).empty());
  EXPECT_EQ(looks.totals("c").answered_by[3], 0u);
}

TEST(RecentLooks, APictureIsForWhoeverAskedAboutIt) {
  RecentLooks looks;
  add(looks, asked("a", "?", "p"));
  EXPECT_TRUE(looks.thumbnail("a", key_of("p")));
  EXPECT_FALSE(looks.thumbnail("b", key_of("p")));
  EXPECT_FALSE(looks.thumbnail("", key_of("p")));
}

TEST(RecentLooks, OnlyTheNewestAreKeptAndAskedFor) {
  RecentLooks looks;
  for (std::size_t i = 1; i <= RecentLooks::looks_max + 3; ++i) add(looks, asked("a", std::to_string(i)));
  EXPECT_THAT(looks.after("a", 0), SizeIs(RecentLooks::looks_max));
  EXPECT_EQ(looks.after("a", 0).front()->question, "4");
  EXPECT_THAT(questions(looks, "a", RecentLooks::looks_max + 1), ElementsAre("52", "53"));
  EXPECT_TRUE(looks.after("a", 1'000'000).empty());
}

TEST(RecentLooks, TheTenantThatAskedLongestAgoIsForgottenFirst) {
  RecentLooks looks;
  for (std::size_t i = 0; i < RecentLooks::tenants_max; ++i)
    add(looks, asked(std::format("t{}", i), "?"), 1000.0 + static_cast<double>(i));
  add(looks, asked("t0", "again"), 5000);
  add(looks, asked("new", "?"), 6000);
  EXPECT_TRUE(looks.after("t1", 0).empty());
  EXPECT_THAT(looks.after("t0", 0), SizeIs(2));
  EXPECT_THAT(looks.after("new", 0), SizeIs(1));
}

TEST(RecentLooks, LongTextsAreCutBetweenCharacters) {
  RecentLooks looks;
  std::string long_text;
  for (std::size_t i = 0; i < 1000; ++i) long_text += "é";
  Asked all = asked("a", long_text);
  all.answer.text = long_text;
  add(looks, all);
  std::string kept = long_text.substr(0, RecentLooks::text_characters_max * 2) + "…";
  EXPECT_THAT(questions(looks, "a"), ElementsAre(kept));
  EXPECT_EQ(looks.after("a", 0)[0]->answer, kept);
}

TEST(RecentLooks, WhatShallNotBeStoredIsCountedOnly) {
  RecentLooks looks;
  Asked all = asked("a", "a secret");
  all.request.cache.write = false;
  add(looks, all);
  EXPECT_TRUE(looks.after("a", 0).empty());
  EXPECT_FALSE(looks.thumbnail("a", key_of("p")));
  EXPECT_EQ(looks.totals("a").answered_by[3], 1u);
}

TEST(RecentLooks, CountsWhatAnswered) {
  RecentLooks looks;
  Asked all = asked("a", "?");
  add(looks, all);
  all.answer.report.prefix = Outcome::hit;
  all.answer.report.embedding = Outcome::bypass;
  all.answer.report.saved_ms = 30;
  add(looks, all);
  all.answer.report.response = Outcome::hit;
  all.answer.report.prefix = Outcome::bypass;
  all.answer.report.saved_ms = 50;
  add(looks, all);
  const LookTotals totals = looks.totals("a");
  EXPECT_THAT(totals.answered_by, ElementsAre(1, 1, 0, 1));
  EXPECT_EQ(totals.levels[0].hits, 1u);
  EXPECT_EQ(totals.levels[0].misses, 2u);
  EXPECT_EQ(totals.levels[1].hits, 1u);
  EXPECT_EQ(totals.levels[1].misses, 1u);
  EXPECT_EQ(totals.levels[2].hits, 0u);
  EXPECT_EQ(totals.levels[2].misses, 1u);
  EXPECT_EQ(totals.saved_ms, 80);
}

TEST(RecentLooks, AHeatMapIsDrawnOutAndMadeCoarse) {
  RecentLooks looks;
  Asked all = asked("a", "?");
  all.answer.attention.emplace();
  PictureMap fine{.columns = 64, .rows = 2, .scores = std::vector<float>(128, 0.25F)};
  fine.scores[0] = fine.scores[1] = 0.75F;
  fine.scores[127] = 0.5F;
  all.answer.attention->pictures = {fine};
  add(looks, all);
  const auto heat = looks.after("a", 0)[0]->pictures[0].heat;
  ASSERT_TRUE(heat);
  EXPECT_EQ(heat->columns, 32u);
  EXPECT_EQ(heat->rows, 2u);
  ASSERT_THAT(heat->scores, SizeIs(64));
  EXPECT_EQ(heat->scores[0], 255);
  EXPECT_EQ(heat->scores[1], 0);
  EXPECT_EQ(heat->scores[63], 64) << "half of 0.25 and 0.5: a quarter of the way";
}

TEST(RecentLooks, AFlatOrEmptyMapIsNoFault) {
  RecentLooks looks;
  Asked all = asked("a", "?");
  all.answer.attention.emplace();
  all.answer.attention->pictures = {{.columns = 1, .rows = 1, .scores = {0.5F}}};
  add(looks, all);
  all.answer.attention->pictures = {{}};
  add(looks, all);
  const auto seen = looks.after("a", 0);
  EXPECT_THAT(seen[0]->pictures[0].heat->scores, ElementsAre(0));
  EXPECT_FALSE(seen[1]->pictures[0].heat);
}

TEST(RecentLooks, ForgettingAPictureTakesItsLooksAlong) {
  RecentLooks looks;
  add(looks, asked("a", "one", "p"));
  add(looks, asked("a", "two", "q"));
  add(looks, asked("b", "three", "p"));
  looks.forget("a", key_of("p"));
  EXPECT_THAT(questions(looks, "a"), ElementsAre("two"));
  EXPECT_FALSE(looks.thumbnail("a", key_of("p")));
  EXPECT_TRUE(looks.thumbnail("b", key_of("p")));
  looks.forget("a");
  EXPECT_TRUE(looks.after("a", 0).empty());
  EXPECT_FALSE(looks.thumbnail("a", key_of("q")));
  EXPECT_THAT(questions(looks, "b"), ElementsAre("three"));
}

TEST(RecentLooks, OfManyPicturesTheFirstAreShown) {
  RecentLooks looks;
  Asked all = asked("a", "?");
  all.request.sources.assign(6, {png('a'), "picture"});
  all.answer.report.images.assign(6, {.image_key = key_of("p"), .width = 1, .height = 1});
  add(looks, all);
  EXPECT_THAT(looks.after("a", 0)[0]->pictures, SizeIs(RecentLooks::pictures_max));
  EXPECT_EQ(looks.after("a", 0)[0]->pictures_asked, 6u);
}

}  // namespace
}  // namespace fovea::serve
