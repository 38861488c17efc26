// Who gets which sequence, what it holds, and who must go for it. What is held is written down by hand: nothing is
// computed here.
#include "engine/llama/decode/sequences.h"

#include <gtest/gtest.h>

#include <string_view>

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
  std::vector<Key> prefix_hashes;
};

class SequencesTest : public testing::Test {
 protected:
  std::optional<Sequences::Taken> take(const Letters& prompt, std::uint32_t cells, Sequences& from) {
    return from.take(prompt, prompt.prefix_hashes, cells);
  }
  // Reads all of the prompt, as far as the books go.
  void read(Sequence& sequence, const Letters& prompt) {
    for (std::size_t i = sequence.live.items.size(); i < prompt.prefix_hashes.size(); ++i)
      sequence.live.items.push_back(
          {prompt.prefix_hashes[i], static_cast<llama_pos>(i + 1), static_cast<double>(i + 1)});
  }
  Sequence& sit(const Letters& prompt, std::uint32_t cells) {
    const auto taken = take(prompt, cells, sequences);
    EXPECT_TRUE(taken);
    read(*taken->sequence, prompt);
    return *taken->sequence;
  }
  void hold(const Letters& prompt) {
    Sequence& sequence = sit(prompt, prompt.tokens() + 1);
    sequences.give_back(sequence, prompt.tokens());
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

TEST_F(SequencesTest, ThereAreAsManyAsThereAre) {
  sit(red, 100);
  sit(other, 100);
  sit(system, 100);
  EXPECT_FALSE(take(round, 100, sequences));
}

TEST_F(SequencesTest, NobodyIsPromisedMoreThanThereIs) {
  Sequence& large = sit(red, 400);
  EXPECT_FALSE(take(other, 200, sequences));
  EXPECT_TRUE(take(other, 112, sequences));
  sequences.give_back(large, red.tokens());
  EXPECT_TRUE(take(round, 400, sequences));
}

TEST_F(SequencesTest, AConversationGoesOnWhereItWas) {
  hold(red);
  hold(other);
  const auto taken = take(red_then, 100, sequences);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->cached_items, red.prefix_hashes.size());
  EXPECT_FALSE(taken->diverged);
}

TEST_F(SequencesTest, AnotherQuestionLeavesTheConversationWhereItWas) {
  hold(red);
  const auto taken = take(round, 100, sequences);
  ASSERT_TRUE(taken);
  EXPECT_GE(taken->cached_items, system.prefix_hashes.size());
  EXPECT_TRUE(taken->diverged);
  EXPECT_EQ(take(red_then, 100, sequences)->cached_items, red.prefix_hashes.size());
}

TEST_F(SequencesTest, WhatSomebodySitsInIsSharedAllTheSame) {
  sit(red, 100);
  const auto taken = take(round, 100, sequences);
  ASSERT_TRUE(taken);
  EXPECT_GE(taken->cached_items, system.prefix_hashes.size());
}

TEST_F(SequencesTest, AModelThatCannotGoBackSharesWithNobodyAndGoesOnOnly) {
  Sequences forward{*loaded.context, 2, false};
  const auto first = take(red, 100, forward);
  read(*first->sequence, red);
  EXPECT_EQ(take(red_then, 100, forward)->cached_items, 0u) << "somebody sits there";
  forward.give_back(*first->sequence, red.tokens());
  EXPECT_EQ(take(red_then, 100, forward)->cached_items, red.prefix_hashes.size());
}

TEST_F(SequencesTest, WhatIsHeldGivesWayToWhoNeedsTheRoom) {
  hold(red);
  hold(other);
  EXPECT_TRUE(take(system, 500, sequences));
  EXPECT_LE(take(red_then, 12, sequences)->cached_items, system.prefix_hashes.size()) << "only what the new one holds";
}

TEST_F(SequencesTest, WithoutAChainNothingIsHeld) {
  const auto taken = sequences.take(red, {}, 100);
  ASSERT_TRUE(taken);
  sequences.give_back(*taken->sequence, red.tokens());
  EXPECT_EQ(take(red_then, 100, sequences)->cached_items, 0u);
}

}  // namespace
}  // namespace fovea::llama
