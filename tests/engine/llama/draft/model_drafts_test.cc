// Whether the model is asked, by what its proposals cost and what a step of the decoder is said to take. The
// model's own times are measured, so the steps' times are made of them: no test needs a fast machine.
#include "engine/llama/draft/model_drafts.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/owned.h"
#include "engine/llama/backend.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

class ModelDraftsTest : public testing::Test {
 protected:
  ModelDraftsTest() {
    start_backend();
    llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    vocabulary.reset(llama_model_load_from_file(test::tiny_model.c_str(), params));
    model = DraftModel::load({.file = test::tiny_model,
                              .ctx_size = 256,
                              .sequences = 2,
                              .probability_min = 0,
                              .model_file = test::tiny_model,
                              .on_failure = {}},
                             *llama_model_get_vocab(vocabulary.get()))
                .value();
  }

  // Of steps that take `ms`, whatever their rows.
  static DraftPlanner planner_of(DraftMode mode, double ms) {
    DraftPlanner planner(mode);
    for (const std::size_t rows : {1UZ, 2UZ, BatchCosts::rows_max}) planner.record(rows, ms);
    return planner;
  }
  static AnswerDrafts answer_of(std::size_t tokens) {
    std::vector<std::int32_t> text(tokens);
    std::iota(text.begin(), text.end(), 300);
    return AnswerDrafts({}, {}, std::move(text));
  }
  // How many tokens are drafted for the answer, which may have so many more.
  static std::size_t drafted(ModelDrafts& drafts, AnswerDrafts& answer, std::size_t tokens_max,
                             llama_seq_id sequence = 0) {
    answer.draft(0);
    OpenAnswer open{.sequence = sequence, .drafts = answer, .tokens_max = tokens_max};
    drafts.ask({&open, 1}, {.rows = 1, .tokens = 1});
    return answer.drafted().size();
  }

  static constexpr double dear_ms = 1e9, cheap_ms = 1e-9;
  Owned<llama_model, llama_model_free> vocabulary;
  std::unique_ptr<DraftModel> model;
};

TEST_F(ModelDraftsTest, AsksWhereItsTimeIsSmall) {
  const DraftPlanner planner = planner_of(DraftMode::automatic, dear_ms);
  ModelDrafts drafts(*model, planner);
  AnswerDrafts answer = answer_of(20);
  EXPECT_EQ(drafted(drafts, answer, 8), 1u) << "one at first";
}

TEST_F(ModelDraftsTest, AsksForMoreAfterRightOnes) {
  const DraftPlanner planner = planner_of(DraftMode::automatic, dear_ms);
  ModelDrafts drafts(*model, planner);
  AnswerDrafts answer = answer_of(20);
  drafted(drafts, answer, 8);
  ASSERT_TRUE(answer.append(answer.drafted().front()));
  answer.append(7);
  EXPECT_EQ(answer.trust().asked_max(), 2u);
  EXPECT_LE(drafted(drafts, answer, 8), 2u);
  EXPECT_LE(drafted(drafts, answer, 1), 1u) << "the answer may have no more";
}

TEST_F(ModelDraftsTest, DoesNotAskWhereAStepOfTheDecoderIsCheap) {
  const DraftPlanner planner = planner_of(DraftMode::automatic, cheap_ms);
  ModelDrafts drafts(*model, planner);
  AnswerDrafts answer = answer_of(20);
  for (int step = 0; step < 10; ++step) EXPECT_EQ(drafted(drafts, answer, 8), 0u);
  EXPECT_EQ(model->unread(0, answer.text()), 20u) << "and reads nothing";
}

TEST_F(ModelDraftsTest, OnAsksForAll) {
  const DraftPlanner planner = planner_of(DraftMode::on, cheap_ms);
  ModelDrafts drafts(*model, planner);
  AnswerDrafts answer = answer_of(20);
  EXPECT_GT(drafted(drafts, answer, 8), 1u);
  EXPECT_EQ(answer.counts().drafted, static_cast<std::int32_t>(answer.drafted().size()));
}

TEST_F(ModelDraftsTest, ReadsATextOnceTheAnswerHasMissedAsMuch) {
  AnswerDrafts answer = answer_of(60);
  // Each step that asks for one token saves a quarter of what reading takes.
  const double step_ms = (model->read_ms(60) / 4 + model->costs().cost(1)) / 0.8;
  const DraftPlanner planner = planner_of(DraftMode::automatic, step_ms);
  ModelDrafts drafts(*model, planner);
  std::size_t steps = 0;
  while (model->unread(0, answer.text()) == 60 && steps < 20) drafted(drafts, answer, 8), ++steps;
  EXPECT_GE(steps, 4u);
  EXPECT_LE(steps, 5u);
}

TEST_F(ModelDraftsTest, AnAnswerThatDoesNotFitGetsNothing) {
  const DraftPlanner planner = planner_of(DraftMode::on, dear_ms);
  ModelDrafts drafts(*model, planner);
  AnswerDrafts longer = answer_of(250), shorter = answer_of(20);
  for (int step = 0; step < 6; ++step) EXPECT_EQ(drafted(drafts, longer, 8), 0u);
  EXPECT_GT(drafted(drafts, shorter, 8, 1), 0u);
}

}  // namespace
}  // namespace fovea::llama
