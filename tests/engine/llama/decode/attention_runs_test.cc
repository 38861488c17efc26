#include "engine/llama/decode/attention_runs.h"

#include <gtest/gtest.h>

#include "engine/models.h"

namespace fovea::llama {
namespace {

PromptItem text() { return {.token = 1, .tile = {}}; }
PromptItem tile(std::uint32_t image, std::uint32_t number) { return {.token = 0, .tile = TileRef{image, number}}; }

TEST(AttentionRuns, ARunBeginsBehindTheLastOneAndIsNotEmpty) {
  std::vector<TokenRun> runs;
  append_run(runs, {.count = 3});
  append_run(runs, {.count = 0});
  append_run(runs, {.count = 4, .visual = true, .columns = 2, .rows = 2});
  append_run(runs, {.count = 1});
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[1].first, 3u);
  EXPECT_EQ(runs[2].first, 7u);
  EXPECT_TRUE(are_sound(runs));
}

TEST(AttentionRuns, TextCountsBehindAnImageUnlessItIsMarkup) {
  const std::vector<PromptItem> items = {text(), tile(0, 0), text(), tile(0, 1), text(), tile(1, 0), text(), text()};
  EXPECT_FALSE(is_question_text(items, 0)) << "nothing to see yet";
  EXPECT_FALSE(is_question_text(items, 2)) << "between two tiles of an image";
  EXPECT_TRUE(is_question_text(items, 4)) << "between two images";
  EXPECT_TRUE(is_question_text(items, 6));
  EXPECT_TRUE(is_question_text(items, 7));
}

TEST(AttentionRuns, TheSameImageTwiceHasNoMarkupBetween) {
  const std::vector<PromptItem> items = {tile(0, 0), text(), tile(0, 0), text()};
  EXPECT_TRUE(is_question_text(items, 1));
}

TEST(AttentionRuns, APromptsRunsAreItsTextAndItsTiles) {
  const auto loaded = LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj}).value();
  const auto layout =
      LlamaLayout::make(loaded, {.parts = {"see ", ImageSlot{0}, "why?"}}, std::vector<ImageSize>{{96, 96}}).value();
  const std::vector<TokenRun> runs = runs_of(*layout);
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_FALSE(runs[0].visual);
  EXPECT_TRUE(runs[1].visual);
  EXPECT_EQ(runs[1].columns, 8u);
  EXPECT_EQ(runs[1].rows, 8u);
  EXPECT_FALSE(runs[2].visual);
  EXPECT_TRUE(are_sound(runs));
  EXPECT_EQ(token_count(runs), layout->tokens());
}

}  // namespace
}  // namespace fovea::llama
