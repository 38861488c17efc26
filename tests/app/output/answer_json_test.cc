#include "app/output/answer_json.h"

#include <gtest/gtest.h>

#include <glaze/glaze.hpp>

namespace fovea::app {
namespace {

// An answer whose first image was in the prefix.
Answer answer() {
  Answer answer{.text = "three \"shapes\"\n\x01", .prompt_tokens = 80, .answer_tokens = 5};
  answer.report.response = Outcome::miss;
  answer.report.prefix = Outcome::hit;
  answer.report.embedding = Outcome::bypass;
  answer.report.embedding_bypass = Bypass::prefix_hit;
  answer.report.cached_tokens = 64;
  answer.report.images = {{.image_key = KeyBuilder("image").finish(),
                           .width = 640,
                           .height = 480,
                           .tiles = 2,
                           .tiles_hit = 1,
                           .decoded = true,
                           .in_prefix = true},
                          {.width = 1, .height = 1}};
  answer.report.times = {.decode_ms = 1, .hash_ms = 2.5, .encode_ms = 3, .total_ms = 10};
  answer.report.saved_ms = 40;
  answer.report.drafts = {5, 3};
  return answer;
}

glz::generic read(const Answer& answer) {
  const std::string text = answer_json("How many?", {{{}, "a.png"}, {{}, "b.png"}}, answer);
  EXPECT_FALSE(text.contains('\n')) << "one line";
  glz::generic json;
  EXPECT_FALSE(glz::read_json(json, text)) << text;
  return json;
}

TEST(AnswerJson, TellsTheAnswerAndItsTokens) {
  glz::generic json = read(answer());
  EXPECT_EQ(json["question"].get<std::string>(), "How many?");
  EXPECT_EQ(json["answer"].get<std::string>(), "three \"shapes\"\n\x01");
  EXPECT_EQ(json["finish_reason"].get<std::string>(), "stop");
  EXPECT_EQ(json["usage"]["total_tokens"].get<double>(), 85);
  EXPECT_EQ(json["usage"]["prompt_tokens_details"]["cached_tokens"].get<double>(), 64);
  Answer cut = answer();
  cut.finish_reason = FinishReason::length;
  EXPECT_EQ(read(cut)["finish_reason"].get<std::string>(), "length");
}

TEST(AnswerJson, TellsWhatEachLevelHad) {
  glz::generic json = read(answer());
  EXPECT_EQ(json["cache"]["response"]["status"].get<std::string>(), "miss");
  EXPECT_EQ(json["cache"]["prefix"]["status"].get<std::string>(), "hit");
  EXPECT_EQ(json["cache"]["embedding"]["status"].get<std::string>(), "bypass");
  EXPECT_EQ(json["cache"]["embedding"]["reason"].get<std::string>(),
            describe(Bypass::prefix_hit, CacheLevel::embedding));
  EXPECT_EQ(json["saved_ms"].get<double>(), 40);
  EXPECT_EQ(json["drafts"]["drafted"].get<double>(), 5);
  EXPECT_EQ(json["drafts"]["accepted"].get<double>(), 3);
}

TEST(AnswerJson, TellsOfEachPicture) {
  glz::generic json = read(answer());
  glz::generic& first = json["pictures"][0];
  EXPECT_EQ(first["file"].get<std::string>(), "a.png");
  EXPECT_EQ(first["image_key"].get<std::string>(), KeyBuilder("image").finish().hex());
  EXPECT_EQ(first["width"].get<double>(), 640);
  EXPECT_EQ(first["tiles"].get<double>(), 2);
  EXPECT_EQ(first["tiles_hit"].get<double>(), 1);
  EXPECT_TRUE(first["decoded"].get<bool>());
  EXPECT_FALSE(first["preprocessed"].get<bool>());
  EXPECT_TRUE(first["in_prefix"].get<bool>());
  EXPECT_FALSE(json["pictures"][1]["in_prefix"].get<bool>());
}

TEST(AnswerJson, OldNamesStayForOneRelease) {
  glz::generic json = read(answer());
  EXPECT_EQ(json["timings_ms"]["hash"].get<double>(), 2.5);
  EXPECT_EQ(json["timings_ms"]["name"].get<double>(), 2.5) << "the old name of hash";
  EXPECT_TRUE(json["pictures"][0]["held"].get<bool>()) << "the old name of in_prefix";
  EXPECT_FALSE(json["pictures"][1]["held"].get<bool>());
}

TEST(AnswerJson, EveryStageHasItsTime) {
  Answer timed = answer();
  timed.report.times = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  glz::generic json = read(timed);
  for (const auto& [stage, ms] : named(timed.report.times))
    EXPECT_EQ(json["timings_ms"][stage].get<double>(), ms) << stage;
}

TEST(AnswerJson, AttentionIsThereOnlyWhereItIsKnown) {
  EXPECT_FALSE(read(answer()).contains("attention"));
  EXPECT_FALSE(read(answer()).contains("importance"));
  Answer watched = answer();
  watched.report.importance = 0.5F;
  watched.attention = AnswerAttention{.importance = 0.5F,
                                      .visual_share = 0.25,
                                      .probability = 0.75,
                                      .pictures = {{.columns = 2, .rows = 1, .scores = {0, 1}}, {}}};
  glz::generic json = read(watched);
  EXPECT_EQ(json["importance"].get<double>(), 0.5);
  EXPECT_EQ(json["attention"]["visual_share"].get<double>(), 0.25);
  EXPECT_EQ(json["attention"]["pictures"][0]["scores"].size(), 2u);
  EXPECT_EQ(json["attention"]["pictures"][0]["regions"][0]["x"].get<double>(), 0.5);
  EXPECT_TRUE(json["attention"]["pictures"][1]["scores"].empty());
}

}  // namespace
}  // namespace fovea::app
