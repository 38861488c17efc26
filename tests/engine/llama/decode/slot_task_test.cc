#include "engine/llama/decode/slot_task.h"

#include <gtest/gtest.h>

#include "engine/models.h"
#include "engine/prefix_hash.h"

namespace fovea::llama {
namespace {

class SlotTaskTest : public testing::Test {
 protected:
  std::unique_ptr<SlotTask> task_with(std::vector<Key> prefix_hashes) {
    std::unique_ptr<SlotTask> task(
        new SlotTask{.layout = *layout, .prefix_hashes = std::move(prefix_hashes), .cells = 64, .caller = {}});
    task->sequence = &sequence;
    return task;
  }

  LoadedModel loaded =
      LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = 256}).value();
  std::unique_ptr<LlamaLayout> layout = LlamaLayout::make(loaded, {.parts = {"What is this?"}}, {}).value();
  const std::vector<Key> hashes = hash_prefixes(Key{}, layout->items(), {});
  Sequence sequence;
};

TEST_F(SlotTaskTest, PrefilledItemsAreRememberedWithTheirShareOfTheTime) {
  const auto task = task_with(hashes);
  ASSERT_GT(hashes.size(), 3u);
  task->record_prefilled(2, 6);
  task->record_prefilled(3, 1);
  EXPECT_EQ(task->prefilled_items, 3u);
  EXPECT_EQ(&task->next_item(), &layout->items()[3]);
  ASSERT_EQ(sequence.live.items.size(), 3u);
  EXPECT_EQ(sequence.live.items[2].hash, hashes[2]);
  EXPECT_EQ(sequence.live.position(2), layout->position(2));
  EXPECT_DOUBLE_EQ(sequence.live.cost_ms(1), 3);
  EXPECT_DOUBLE_EQ(sequence.live.cost_ms(3), 7);
  EXPECT_FALSE(task->whole_prompt_prefilled());
}

TEST_F(SlotTaskTest, DecodedTokensGoOnWithThePrefixHashes) {
  const auto task = task_with(hashes);
  task->record_prefilled(hashes.size(), 5);
  EXPECT_TRUE(task->whole_prompt_prefilled());
  std::vector<float> logits(static_cast<std::size_t>(llama_vocab_n_tokens(loaded.vocab())), 0);
  logits['r'] = 5;
  const TokenCallback nobody;
  task->answer.emplace(*loaded.vocab(), Sampler::make(*loaded.vocab(), {}, 4).value(), std::vector<std::string>(), 4,
                       nobody, false);
  ASSERT_TRUE(task->answer->choose(logits));
  task->position = 99;
  task->record_decoded();
  EXPECT_EQ(task->decoded_tokens, 1u);
  const LiveItem& last = sequence.live.items.back();
  EXPECT_EQ(last.hash, hash_token(hashes.back(), task->answer->token()));
  EXPECT_EQ(last.position, 99);
  EXPECT_DOUBLE_EQ(last.cost_ms, 5) << "generated tokens cost nothing";
}

TEST_F(SlotTaskTest, WithoutPrefixHashesNothingIsRemembered) {
  const auto task = task_with({});
  task->record_prefilled(2, 6);
  task->record_decoded();
  EXPECT_EQ(task->prefilled_items, 2u);
  EXPECT_TRUE(sequence.live.items.empty());
}

TEST_F(SlotTaskTest, AnOutcomeIsSetOnce) {
  const auto task = task_with({});
  auto outcome = task->outcome.emplace().get_future();
  task->finish(fail(Fault::cancelled, "stopped"));
  EXPECT_EQ(outcome.get().error().fault, Fault::cancelled);
  EXPECT_FALSE(task->outcome);
}

}  // namespace
}  // namespace fovea::llama
