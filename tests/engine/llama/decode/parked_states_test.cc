// States that leave the context and come back: what is found, what is dropped, and that the decoder goes on
// from them with the same numbers.
#include "engine/llama/decode/parked_states.h"

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

constexpr std::uint32_t context_cells = 256;

// A prompt of one token a letter.
struct Letters final : PromptLayout {
  explicit Letters(std::string_view letters) {
    for (const char letter : letters) append({.token = letter, .tile = {}}, 1);
    hashes = hash_prefixes(KeyBuilder("root").finish(), items(), {});
  }
  LiveSequence live() const {
    LiveSequence live{.items = {}, .prompt_items = hashes.size()};
    for (std::size_t i = 0; i < hashes.size(); ++i)
      live.items.push_back({hashes[i], static_cast<llama_pos>(i + 1), static_cast<double>(i + 1)});
    return live;
  }
  std::vector<Key> hashes;
};

class ParkedStatesTest : public testing::Test {
 protected:
  // The logits behind tokens that are computed in a sequence, from `position` on.
  std::vector<float> compute(llama_seq_id sequence, std::string_view letters, llama_pos position) {
    TextBatch batch;
    for (const char letter : letters) batch.add(letter, position++, sequence, true);
    EXPECT_EQ(llama_decode(loaded.context.get(), batch.view()), 0);
    const float* logits = llama_get_logits_ith(loaded.context.get(), -1);
    return {logits, logits + llama_vocab_n_tokens(loaded.vocab())};
  }
  void empty(llama_seq_id sequence) { llama_memory_seq_rm(llama_get_memory(loaded.context.get()), sequence, -1, -1); }
  void park(const Letters& prompt, std::string_view letters) {
    compute(0, letters, 0);
    parked.park(0, prompt.live(), prompt.tokens());
    empty(0);
  }
  // Bytes of what a sequence holds, as the library writes it.
  std::size_t state_bytes(llama_seq_id sequence) { return llama_state_seq_get_size(loaded.context.get(), sequence); }
  std::size_t found(const Letters& prompt, std::uint32_t tokens_max = context_cells) {
    return parked.find(prompt, prompt.hashes, tokens_max).cached_items;
  }

  LoadedModel loaded =
      LoadedModel::load(
          {.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = context_cells, .parallel = 2})
          .value();
  ParkedStates parked{*loaded.context};
  static constexpr std::string_view question = "Is the star in the picture red?";
  static constexpr std::string_view next = "Is the star in the picture red? And";
  static constexpr std::string_view other = "Is the star in the picture round?";
};

TEST_F(ParkedStatesTest, TheDecoderGoesOnAsIfItHadNeverLeft) {
  compute(0, question, 0);
  parked.park(0, Letters(question).live(), question.size());
  const std::vector<float> expected = compute(0, " And", question.size());
  empty(0);
  compute(0, "Something else lies in its cells now.", 0);

  const Letters prompt(next);
  const ParkedState state = parked.take(parked.find(prompt, prompt.hashes, context_cells));
  ASSERT_TRUE(bring_back(*loaded.context, 1, state));
  EXPECT_EQ(compute(1, " And", question.size()), expected);
}

TEST_F(ParkedStatesTest, AStateThatIsTakenIsNotParkedAnyMore) {
  park(Letters(question), question);
  const Letters prompt(next);
  ParkedState state = parked.take(parked.find(prompt, prompt.hashes, context_cells));
  EXPECT_EQ(found(prompt), 0u);
  parked.keep(std::move(state));
  EXPECT_EQ(found(prompt), question.size());
}

TEST_F(ParkedStatesTest, APromptUsesWhatItShares) {
  park(Letters(question), question);
  EXPECT_EQ(found(Letters(other)), std::string_view("Is the star in the picture r").size());
  EXPECT_EQ(found(Letters("Something else entirely")), 0u);
}

TEST_F(ParkedStatesTest, AStateThatDoesNotFitIsNotFound) {
  park(Letters(question), question);
  EXPECT_EQ(found(Letters(next), question.size()), question.size());
  EXPECT_EQ(found(Letters(next), question.size() - 1), 0u);
}

TEST_F(ParkedStatesTest, OfTheSamePromptTheLongestIsKept) {
  park(Letters(question), question);
  park(Letters(next), next);
  EXPECT_EQ(parked.size(), 1u);
  park(Letters(other), other);
  EXPECT_EQ(parked.size(), 2u);
}

TEST_F(ParkedStatesTest, TheOldestAreDroppedWhereThereIsNoRoom) {
  const std::string long_one(150, 'x');
  park(Letters(question), question);
  park(Letters(other), other);
  park(Letters(long_one), long_one);
  EXPECT_EQ(parked.size(), 3u);
  const std::string longer(100, 'y');
  park(Letters(longer), longer);
  EXPECT_EQ(parked.size(), 2u) << "150 and 100 tokens fit 256 cells";
  EXPECT_EQ(found(Letters(next)), 0u);
}

TEST_F(ParkedStatesTest, WhatTheLibraryRefusesLeavesTheSequenceEmpty) {
  park(Letters(question), question);
  const Letters prompt(next);
  ParkedState state = parked.take(parked.find(prompt, prompt.hashes, context_cells));
  state.bytes.resize(state.bytes.size() / 2);
  EXPECT_FALSE(bring_back(*loaded.context, 1, state));
  EXPECT_EQ(llama_memory_seq_pos_max(llama_get_memory(loaded.context.get()), 1), -1);
}

TEST_F(ParkedStatesTest, AStateThatFindsNoFreeCellsLeavesTheSequenceEmpty) {
  park(Letters(question), question);
  const Letters prompt(next);
  const ParkedState state = parked.take(parked.find(prompt, prompt.hashes, context_cells));
  compute(0, std::string(context_cells - question.size() + 1, 'x'), 0);
  EXPECT_FALSE(bring_back(*loaded.context, 1, state));
  EXPECT_EQ(llama_memory_seq_pos_max(llama_get_memory(loaded.context.get()), 1), -1);
  empty(0);
  EXPECT_TRUE(bring_back(*loaded.context, 1, state));
}

TEST_F(ParkedStatesTest, NoMoreBytesAreParkedThanItsBound) {
  compute(0, question, 0);
  const std::size_t bytes = state_bytes(0);
  ParkedStates none(*loaded.context, bytes - 1), one(*loaded.context, bytes);
  for (ParkedStates* states : {&none, &one}) states->park(0, Letters(question).live(), question.size());
  EXPECT_EQ(none.size(), 0u);
  EXPECT_EQ(one.size(), 1u);
  empty(0);
  compute(0, question.substr(1), 0);
  one.park(0, Letters(question.substr(1)).live(), question.size() - 1);
  EXPECT_EQ(one.size(), 1u) << "the older one was dropped";
  EXPECT_EQ(one.bytes(), state_bytes(0));
}

TEST_F(ParkedStatesTest, TellsTheBytesOfWhatIsParked) {
  compute(0, question, 0);
  const std::size_t bytes = state_bytes(0);
  EXPECT_EQ(parked.bytes(), 0u);
  parked.park(0, Letters(question).live(), question.size());
  EXPECT_EQ(parked.bytes(), bytes);
  const Letters prompt(next);
  ParkedState state = parked.take(parked.find(prompt, prompt.hashes, context_cells));
  EXPECT_EQ(parked.bytes(), 0u);
  parked.keep(std::move(state));
  EXPECT_EQ(parked.bytes(), bytes);
  parked.clear();
  EXPECT_EQ(parked.bytes(), 0u);
}

TEST_F(ParkedStatesTest, WhatTheMemoryIsTooSmallForIsNotParked) {
  if (!test::FailingAllocation::possible) GTEST_SKIP() << "a sanitizer allocates";
  compute(0, question, 0);
  const LiveSequence live = Letters(question).live();
  const std::size_t node = sizeof(ParkedState) + 2 * sizeof(void*);
  for (const std::size_t bytes : {live.items.size() * sizeof(LiveItem), state_bytes(0), node}) {
    const test::FailingAllocation failing(bytes);
    parked.park(0, live, question.size());
    EXPECT_TRUE(failing.happened()) << bytes;
    EXPECT_EQ(parked.size(), 0u);
    EXPECT_EQ(parked.bytes(), 0u);
  }
  EXPECT_EQ(llama_memory_seq_pos_max(llama_get_memory(loaded.context.get()), 0), std::ssize(question) - 1);
  parked.park(0, live, question.size());
  EXPECT_EQ(found(Letters(next)), question.size());
}

}  // namespace
}  // namespace fovea::llama
