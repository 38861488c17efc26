// Files of questions as traces: requests, their keys, and the sizes and costs that a model profile gives.
#include "trace/questions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "trace/texts.h"

namespace fovea {
namespace {

const std::string lines = R"({"question_id": 1, "image": "a.jpg", "text": "Is there a cat?", "label": "yes"})"
                          "\n"
                          R"({"question_id": 2, "image": "a.jpg", "text": "Is there a dog?", "label": "no"})"
                          "\n"
                          R"({"question_id": 3, "image": "b.jpg", "text": "Is there a cat?", "label": "no"})"
                          "\n"
                          R"({"question_id": 4, "image": "a.jpg", "text": "Is there a cat?", "label": "yes"})"
                          "\n";

TEST(Questions, EachIsAResponseAndItsEmbedding) {
  const auto trace = trace_of(lines);
  ASSERT_TRUE(trace) << fault_of(trace);
  ASSERT_EQ(trace->lookups.size(), 8u);
  EXPECT_EQ(trace->keys, 5u) << "two images, three questions";
  const Lookup& response = trace->lookups[0];
  const Lookup& embedding = trace->lookups[1];
  EXPECT_EQ(response.level, TraceLevel::response);
  EXPECT_EQ(response.related, embedding.key);
  EXPECT_EQ(response.request, embedding.request);
  EXPECT_EQ(response.size, 200u + 10 * 4);
  EXPECT_EQ(response.cost_ms, 2 * 100 + 2 * 10 + 10 * 1) << "encoding, prefill, generating";
  EXPECT_EQ(embedding.level, TraceLevel::embedding);
  EXPECT_EQ(embedding.size, 2000u);
  EXPECT_EQ(embedding.cost_ms, 200);
  EXPECT_EQ(trace->lookups[2].request, 1u);
  EXPECT_NE(trace->lookups[4].key, response.key) << "the same question about another image";
  EXPECT_EQ(trace->lookups[6].key, response.key);
}

TEST(Questions, ADocumentOfThemIsTheSame) {
  const auto trace =
      trace_of(R"({"info": {"year": 2017}, "questions": [{"image_id": 9, "question": "What?", "question_id": 90},)"
               R"( {"image_id": 9, "question": "Why?", "question_id": 91}]})");
  ASSERT_TRUE(trace) << fault_of(trace);
  EXPECT_EQ(trace->lookups.size(), 4u);
  EXPECT_EQ(trace->keys, 3u);
}

// How often each pair of size and cost occurs. It does not depend on the order of requests.
std::map<std::uint64_t, int> counts_of(const Trace& trace) {
  std::map<std::uint64_t, int> count;
  for (const Lookup& lookup : trace.lookups) ++count[lookup.size * 31 + static_cast<std::uint64_t>(lookup.cost_ms)];
  return count;
}

TEST(Questions, AShuffleKeepsThemAllAndFollowsItsSeed) {
  std::vector<Question> questions;
  for (int i = 0; i < 100; ++i) questions.push_back({std::to_string(i), "What?"});
  const auto images = [](const std::vector<Question>& order) {
    std::string text;
    for (const Question& question : order) text += question.image + " ";
    return text;
  };
  std::vector<Question> one = questions, again = questions, two = questions;
  shuffle(one, 1);
  shuffle(again, 1);
  shuffle(two, 2);
  EXPECT_EQ(images(one), images(again));
  EXPECT_NE(images(one), images(two));
  EXPECT_NE(images(one), images(questions));
  std::ranges::sort(one, {}, [](const Question& question) { return std::stoi(question.image); });
  EXPECT_EQ(images(one), images(questions));
}

TEST(Questions, TheOrderDoesNotChangeSizesAndCosts) {
  ModelProfile varied = plain_profile();
  varied.tiles = {{1, 0.5}, {5, 0.5}};
  varied.answer_tokens_spread = 1;
  std::vector<Question> questions;
  for (int i = 0; i < 50; ++i) questions.push_back({std::to_string(i % 7), std::to_string(i)});
  const auto trace_in_order = [&](const std::vector<Question>& order) {
    TraceBuilder builder("questions");
    EXPECT_TRUE(add_questions(order, varied, 3, builder));
    return std::move(builder).finish();
  };
  const Trace straight = trace_in_order(questions);
  shuffle(questions, 5);
  EXPECT_EQ(counts_of(straight), counts_of(trace_in_order(questions)));
}

TEST(Questions, AnErrorNamesItsQuestion) {
  for (const auto& [text, why] : {std::pair{R"({"image": "a"})"
                                            "\n",
                                            ":1: not a question"},
                                  {R"({"image": {}, "text": "x"})"
                                   "\n",
                                   ":1: not a question"},
                                  {R"({"image": "a", "text": "x")"
                                   "\n",
                                   ":1: not a JSON object"},
                                  {R"({"questions": [{"image_id": 1}]})", "question 1: not a question"},
                                  {R"({"questions": [)", "not a document of questions"},
                                  {R"({"questions": []})", "holds no look-up"}}) {
    EXPECT_TRUE(fault_of(trace_of(text)).contains(why)) << text << fault_of(trace_of(text));
  }
  const std::string long_question = R"({"image": "a", "text": ")" + std::string(5000, 'x') + "\"}\n";
  EXPECT_TRUE(fault_of(trace_of(long_question)).contains("a question of more than 4096 bytes"));
}

TEST(Questions, PublishedFilesAreRead) {
  const char* data = std::getenv("FOVEA_DATA");
  if (data == nullptr) GTEST_SKIP() << "FOVEA_DATA names no folder of data sets";
  const std::string folder = std::string(data) + "/vqa/";
  const std::vector<std::string> pope{folder + "pope/coco_pope_random.json", folder + "pope/coco_pope_popular.json",
                                      folder + "pope/coco_pope_adversarial.json"};
  const auto trace = read_trace(pope, {.profile = plain_profile()}, {});
  ASSERT_TRUE(trace) << fault_of(trace);
  EXPECT_EQ(trace->lookups.size(), 18'000u);
  const std::vector<std::string> vizwiz{folder + "vizwiz/questions.jsonl"};
  const auto blind = read_trace(vizwiz, {.profile = plain_profile()}, {});
  ASSERT_TRUE(blind) << fault_of(blind);
  EXPECT_EQ(blind->lookups.size(), 16'000u);
}

}  // namespace
}  // namespace fovea
