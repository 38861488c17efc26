// Which sequence a prompt gets, what it holds, and what is evicted for it. What a sequence holds is set by
// hand. Something is computed only where it is to be brought back.
#include "engine/llama/decode/sequences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "engine/failing_allocation.h"
#include "engine/llama/decode/text_batch.h"
#include "engine/llama/loaded_model.h"
#include "engine/models.h"
#include "engine/prefix_hash.h"

namespace fovea::llama {
namespace {

constexpr std::uint32_t context_cells = 512;

// A prompt of one token a letter.
struct Letters final : PromptLayout {
  explicit Letters(std::string_view letters) {
    for (const char letter : letters) append({.token = letter, .tile = {}}, 1);
    prefix_hashes = hash_prefixes(KeyBuilder("root").finish(), items(), {});
  }
  std::string text() const {
    std::string letters;
    for (const PromptItem& item : items()) letters += static_cast<char>(item.token);
    return letters;
  }
  std::vector<Key> prefix_hashes;
};

class SequencesTest : public testing::Test {
 protected:
  std::optional<Sequences::Acquired> acquire(const Letters& prompt, std::uint32_t cells, Sequences& from) {
    return from.acquire(prompt, prompt.prefix_hashes, cells);
  }
  // Records that the sequence holds all of the prompt.
  void record(Sequence& sequence, const Letters& prompt) {
    for (std::size_t i = sequence.live.items.size(); i < prompt.prefix_hashes.size(); ++i)
      sequence.live.items.push_back(
          {prompt.prefix_hashes[i], static_cast<llama_pos>(i + 1), static_cast<double>(i + 1)});
  }
  Sequence& acquire_and_record(const Letters& prompt, std::uint32_t cells) {
    const auto acquired = acquire(prompt, cells, sequences);
    EXPECT_TRUE(acquired);
    record(*acquired->sequence, prompt);
    return *acquired->sequence;
  }
  void leave_idle(const Letters& prompt) {
    Sequence& sequence = acquire_and_record(prompt, prompt.tokens() + 1);
    sequences.release(sequence, prompt.tokens());
  }

  // The logits behind tokens that a sequence computes from `position` on.
  std::vector<float> compute(llama_seq_id sequence, std::string_view letters, llama_pos position = 0) {
    TextBatch batch;
    for (const char letter : letters) batch.add(letter, position++, sequence, batch.size() + 1 == std::ssize(letters));
    EXPECT_EQ(llama_decode(loaded.context.get(), batch.view()), 0);
    const float* logits = llama_get_logits_ith(loaded.context.get(), -1);
    return {logits, logits + llama_vocab_n_tokens(loaded.vocab())};
  }
  void empty(llama_seq_id sequence) { llama_memory_seq_rm(llama_get_memory(loaded.context.get()), sequence, -1, -1); }
  // The prompt is computed, becomes idle, and is parked since another needs all cells.
  void park(const Letters& prompt) {
    Sequence& sequence = acquire_and_record(prompt, prompt.tokens() + 1);
    compute(sequence.id, prompt.text());
    sequences.release(sequence, prompt.tokens());
    const auto large = acquire(other, context_cells, sequences);
    sequences.release(*large->sequence, 0);
    EXPECT_GT(sequences.parked_bytes(), 0u);
  }
  // Nothing is reserved or held: a prompt may have all cells.
  void expect_all_cells_free() {
    const auto all = acquire(other, context_cells, sequences);
    ASSERT_TRUE(all);
    compute(all->sequence->id, std::string(context_cells, 'x'));
    sequences.release(*all->sequence, 0);
  }

  LoadedModel loaded =
      LoadedModel::load(
          {.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = context_cells, .parallel = 3})
          .value();
  Sequences sequences{*loaded.context, 3, true};
  const Letters system{"You are an able assistant of few words. "};
  const Letters red{"You are an able assistant of few words. Is it red?"};
  const Letters round{"You are an able assistant of few words. Is it round?"};
  const Letters red_then{"You are an able assistant of few words. Is it red? No. And then?"};
  const Letters other{"Something else entirely, and of another kind."};
};

TEST_F(SequencesTest, ThereAreOnlySoManySequences) {
  acquire_and_record(red, 100);
  acquire_and_record(other, 100);
  acquire_and_record(system, 100);
  EXPECT_FALSE(acquire(round, 100, sequences));
}

TEST_F(SequencesTest, NoMoreCellsAreReservedThanTheContextHas) {
  Sequence& large = acquire_and_record(red, 400);
  EXPECT_FALSE(acquire(other, 200, sequences));
  EXPECT_TRUE(acquire(other, 112, sequences));
  sequences.release(large, red.tokens());
  EXPECT_TRUE(acquire(round, 400, sequences));
}

TEST_F(SequencesTest, TellsHowManySlotsAndCellsAreHeld) {
  Sequence& first = acquire_and_record(red, 300);
  acquire_and_record(other, 100);
  EXPECT_EQ(sequences.slot_use().slots, 2u);
  EXPECT_EQ(sequences.slot_use().tokens, 400u);
  sequences.release(first, red.tokens());
  EXPECT_EQ(sequences.slot_use().slots, 1u);
  EXPECT_EQ(sequences.slot_use().tokens, 100u) << "what an idle sequence holds is not reserved";
}

TEST_F(SequencesTest, AConversationGoesOnWhereItEnded) {
  leave_idle(red);
  leave_idle(other);
  const auto acquired = acquire(red_then, 100, sequences);
  ASSERT_TRUE(acquired);
  EXPECT_EQ(acquired->cached_items, red.prefix_hashes.size());
  EXPECT_FALSE(acquired->diverged);
}

TEST_F(SequencesTest, AnotherQuestionLeavesTheConversationCached) {
  leave_idle(red);
  const auto acquired = acquire(round, 100, sequences);
  ASSERT_TRUE(acquired);
  EXPECT_GE(acquired->cached_items, system.prefix_hashes.size());
  EXPECT_TRUE(acquired->diverged);
  EXPECT_EQ(acquire(red_then, 100, sequences)->cached_items, red.prefix_hashes.size());
}

TEST_F(SequencesTest, APrefixIsSharedWithASequenceInUse) {
  acquire_and_record(red, 100);
  const auto acquired = acquire(round, 100, sequences);
  ASSERT_TRUE(acquired);
  EXPECT_GE(acquired->cached_items, system.prefix_hashes.size());
}

TEST_F(SequencesTest, AModelThatCannotTruncateOnlyGoesOnAtTheEnd) {
  Sequences forward{*loaded.context, 2, false};
  const auto first = acquire(red, 100, forward);
  record(*first->sequence, red);
  EXPECT_EQ(acquire(red_then, 100, forward)->cached_items, 0u) << "the sequence is in use";
  forward.release(*first->sequence, red.tokens());
  EXPECT_EQ(acquire(red_then, 100, forward)->cached_items, red.prefix_hashes.size());
}

TEST_F(SequencesTest, IdleSequencesAreEvictedForRoom) {
  leave_idle(red);
  leave_idle(other);
  EXPECT_TRUE(acquire(system, 500, sequences));
  EXPECT_LE(acquire(red_then, 12, sequences)->cached_items, system.prefix_hashes.size())
      << "only what the new one holds";
}

TEST_F(SequencesTest, WithoutPrefixHashesNothingIsCached) {
  const auto acquired = sequences.acquire(red, {}, 100);
  ASSERT_TRUE(acquired);
  sequences.release(*acquired->sequence, red.tokens());
  EXPECT_EQ(acquire(red_then, 100, sequences)->cached_items, 0u);
}

// What leaves the context is parked, and comes back.

TEST_F(SequencesTest, WhatIsEvictedComesBackForAPromptThatGoesOn) {
  leave_idle(red);
  const auto large = acquire(other, context_cells, sequences);
  ASSERT_TRUE(large);
  sequences.release(*large->sequence, 0);
  const auto acquired = acquire(red_then, 100, sequences);
  ASSERT_TRUE(acquired);
  EXPECT_EQ(acquired->cached_items, red.prefix_hashes.size());
  EXPECT_FALSE(acquired->diverged);
}

TEST_F(SequencesTest, AParkedStateServesSeveralPrompts) {
  const Letters talk("You are an able assistant of few words. Is it red? No, it is as green as the grass in spring.");
  const Letters talk_then(
      "You are an able assistant of few words. Is it red? No, it is as green as the grass in spring. And then?");
  leave_idle(talk);
  const auto large = acquire(other, context_cells, sequences);
  sequences.release(*large->sequence, 0);
  const auto acquired = acquire(round, 100, sequences);
  ASSERT_TRUE(acquired);
  EXPECT_GE(acquired->cached_items, system.prefix_hashes.size());
  EXPECT_TRUE(acquired->diverged);
  EXPECT_EQ(acquire(talk_then, 150, sequences)->cached_items, talk.prefix_hashes.size());
}

TEST_F(SequencesTest, AnIdleSequenceIsParkedWhenManyTokensHaveSkippedIt) {
  Sequence& sequence = acquire_and_record(red, 100);
  sequences.release(sequence, red.tokens());
  const auto acquired = acquire(other, 100, sequences);
  sequences.computing(*acquired->sequence, 200);
  EXPECT_FALSE(sequence.live.items.empty());
  sequences.computing(*acquired->sequence, 100);
  EXPECT_TRUE(sequence.live.items.empty());
  EXPECT_EQ(acquire(red_then, 100, sequences)->cached_items, red.prefix_hashes.size()) << "from where it is parked";
}

TEST_F(SequencesTest, TokensThatWereAnnouncedAreCountedOnce) {
  Sequence& sequence = acquire_and_record(red, 100);
  sequences.release(sequence, red.tokens());
  const auto acquired = acquire(other, 100, sequences);
  sequences.computing(*acquired->sequence, other.tokens());
  EXPECT_EQ(sequence.skipped_by, other.tokens());
}

// The spare sequence has all cells, so the parked state finds none.
TEST_F(SequencesTest, WhatCannotBeBroughtBackIsPrefilledAgain) {
  constexpr llama_seq_id spare = 3;
  const std::vector<float> expected = compute(0, red_then.text());
  empty(0);
  park(red);
  compute(spare, std::string(context_cells, 'x'));
  const auto acquired = acquire(red_then, 100, sequences);
  ASSERT_TRUE(acquired);
  EXPECT_EQ(acquired->cached_items, 0u);
  EXPECT_TRUE(acquired->sequence->live.items.empty());
  EXPECT_EQ(sequences.parked_bytes(), 0u) << "it is dropped";
  empty(spare);
  const std::vector<float> logits = compute(acquired->sequence->id, red_then.text());
  for (std::size_t i = 0; i < logits.size(); ++i) ASSERT_NEAR(logits[i], expected[i], 1e-3) << i;
  sequences.release(*acquired->sequence, 0);
  expect_all_cells_free();
}

TEST_F(SequencesTest, WithoutMemoryForItsItemsNothingOfAPrefixIsUsed) {
  if (!test::FailingAllocation::possible) GTEST_SKIP() << "a sanitizer allocates";
  leave_idle(red);
  const auto common = std::ranges::mismatch(red.prefix_hashes, round.prefix_hashes).in1 - red.prefix_hashes.begin();
  {
    const test::FailingAllocation failing(static_cast<std::size_t>(common) * sizeof(LiveItem));
    const auto shared = acquire(round, 100, sequences);
    EXPECT_TRUE(failing.happened());
    EXPECT_EQ(shared->cached_items, 0u);
    sequences.release(*shared->sequence, 0);
  }
  park(red);
  {
    const test::FailingAllocation failing(red.prefix_hashes.size() * sizeof(LiveItem));
    const auto brought_back = acquire(red_then, 100, sequences);
    EXPECT_TRUE(failing.happened());
    EXPECT_EQ(brought_back->cached_items, 0u);
    sequences.release(*brought_back->sequence, 0);
  }
  expect_all_cells_free();
}

TEST_F(SequencesTest, PurgingLeavesNothingParked) {
  leave_idle(red);
  const auto large = acquire(other, context_cells, sequences);
  sequences.release(*large->sequence, 0);
  sequences.purge_idle();
  EXPECT_EQ(acquire(red_then, 100, sequences)->cached_items, 0u);
}

}  // namespace
}  // namespace fovea::llama
