#include "engine/prefill_prompt.h"

#include <gtest/gtest.h>

#include "engine/models.h"

namespace fovea {
namespace {

class PrefillPrompt : public testing::Test {
 protected:
  Prompt prompt(std::vector<PromptPart> parts) {
    return engine.render(std::vector<Message>{{"user", std::move(parts)}}).value();
  }
  Fault fault_of(const Result<PrefilledPrompt>& prefilled) {
    EXPECT_FALSE(prefilled);
    return prefilled ? Fault::internal : prefilled.error().fault;
  }

  VisionLanguageEngine& engine = test::engine_of(test::TestModel::tiny);
};

TEST_F(PrefillPrompt, TheSlotHoldsTheWholePrompt) {
  const auto prefilled = prefill_prompt(engine, prompt({"What is red?"}), {});
  ASSERT_TRUE(prefilled) << prefilled.error().message;
  EXPECT_EQ(prefilled->slot->cached_items(), prefilled->layout->items().size());
  EXPECT_GT(prefilled->slot->spent_ms(), 0);
  const auto answer = prefilled->slot->generate({.max_tokens = 2}, {});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_LE(answer->tokens, 2);
}

TEST_F(PrefillPrompt, EachFaultIsPassedOn) {
  EXPECT_EQ(fault_of(prefill_prompt(engine, prompt({ImageSlot{0}, "?"}), {})), Fault::invalid) << "no image";
  const std::vector<PromptImage> images = {{.size = {96, 96}, .embeddings = {}}};
  EXPECT_EQ(fault_of(prefill_prompt(engine, prompt({ImageSlot{0}, "?"}), images)), Fault::corrupt) << "no embedding";
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(fault_of(prefill_prompt(engine, prompt({"?"}), {}, nullptr, stop.get_token())), Fault::cancelled);
}

}  // namespace
}  // namespace fovea
