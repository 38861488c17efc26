#include "engine/llama/decode/states/prefix_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "engine/llama/decode/text_batch.h"
#include "engine/llama/loaded_model.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

constexpr llama_seq_id sequence = 0, spare = 1;
constexpr llama_pos held = 16, saved = 10, cells = 256;
constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();

class PrefixStateTest : public testing::Test {
 protected:
  PrefixStateTest() {
    TextBatch batch;
    for (llama_pos at = 0; at < held; ++at) batch.add(5 + at, at, sequence, at + 1 == held);
    EXPECT_EQ(llama_decode(&context, batch.view()), 0);
  }
  std::optional<Blob> state(std::uint64_t bytes_max = any_size, llama_pos positions_each = piece_positions) {
    return copy_state(place, saved, positions_each, bytes_max, directly).transform(&CopiedState::sealed);
  }
  bool restored(llama_pos end, const Blob& bytes) { return restore_state(place, end, bytes, directly); }
  // The test's thread is the engine's.
  static bool directly(const std::function<bool()>& part) { return part(); }
  // The highest position that the sequence holds; -1 if it is empty.
  llama_pos last_of(llama_seq_id of) { return llama_memory_seq_pos_max(llama_get_memory(&context), of); }

  // No cell is left taken: the sequence can have all of them.
  void expect_all_cells_free() {
    EXPECT_EQ(last_of(sequence), -1);
    EXPECT_EQ(last_of(spare), -1);
    TextBatch batch;
    for (llama_pos at = 0; at < cells; ++at) batch.add(5, at, sequence, at + 1 == cells);
    EXPECT_EQ(llama_decode(&context, batch.view()), 0);
  }
  // A state whose head is right, while the library refuses this piece of it.
  Blob refused_state(llama_pos positions_each, std::size_t piece) {
    const auto copy = copy_state(place, saved, positions_each, any_size, directly).value();
    std::ranges::fill(copy.bytes_of(piece), std::byte{0});
    return copy.sealed();
  }

  LoadedModel loaded =
      LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = cells}).value();
  llama_context& context = *loaded.context;
  const StatePlace place{context, sequence, spare};
};

TEST_F(PrefixStateTest, SavingLeavesBothSequencesAsTheyWere) {
  ASSERT_TRUE(state());
  EXPECT_EQ(last_of(sequence), held - 1);
  EXPECT_EQ(last_of(spare), -1);
}

TEST_F(PrefixStateTest, ComesBackToItsLastPosition) {
  const Blob bytes = state().value();
  ASSERT_TRUE(restored(saved, bytes));
  EXPECT_EQ(last_of(sequence), saved - 1);
}

TEST_F(PrefixStateTest, IsNotSavedBeyondItsBound) {
  const std::uint64_t size = state().value().size();
  EXPECT_TRUE(state(size));
  EXPECT_FALSE(state(size - 1));
}

TEST_F(PrefixStateTest, AStateOfAnotherLengthLeavesAnEmptySequence) {
  const Blob bytes = state().value();
  for (const llama_pos end : {saved - 1, saved + 1}) {
    EXPECT_FALSE(restored(end, bytes));
    EXPECT_EQ(last_of(sequence), -1);
  }
}

TEST_F(PrefixStateTest, AnyChangedByteIsNoticed) {
  const std::string whole(state().value().text());
  for (std::size_t at = 0; at < whole.size(); at += at < 64 ? 1 : whole.size() / 50) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(restored(saved, Blob::copy_of(damaged))) << at;
  }
  EXPECT_FALSE(restored(saved, Blob::copy_of(whole.substr(0, whole.size() - 1))));
  EXPECT_FALSE(restored(saved, Blob()));
  EXPECT_TRUE(restored(saved, Blob::copy_of(whole)));
}

TEST_F(PrefixStateTest, APieceIsForEachSoManyPositionsAndNothingElseOfTheSequence) {
  const auto copy = copy_state(place, saved, 4, any_size, directly).value();
  ASSERT_EQ(copy.pieces().size(), 3u);
  EXPECT_EQ(copy.pieces()[2].begin, 8);
  EXPECT_EQ(copy.pieces()[2].end, saved);
  EXPECT_LT(copy.pieces()[2].bytes, copy.pieces()[1].bytes);
  EXPECT_EQ(last_of(sequence), held - 1);
  EXPECT_EQ(last_of(spare), -1);
}

// The logits of the token at `saved`, behind the state that was put back.
TEST_F(PrefixStateTest, GoesOnAlikeFromPiecesAndFromAWhole) {
  const auto go_on = [&](const Blob& bytes) {
    EXPECT_TRUE(restored(saved, bytes));
    EXPECT_EQ(last_of(sequence), saved - 1);
    TextBatch batch;
    batch.add(5 + saved, saved, sequence, true);
    EXPECT_EQ(llama_decode(&context, batch.view()), 0);
    const float* logits = llama_get_logits_ith(&context, 0);
    return std::vector<float>(logits, logits + llama_vocab_n_tokens(loaded.vocab()));
  };
  const Blob whole = state(any_size, undivided).value();
  const Blob pieces = state(any_size, 3).value();
  EXPECT_GT(pieces.size(), whole.size());
  const std::vector<float> expected = go_on(whole);
  EXPECT_EQ(go_on(pieces), expected);
  EXPECT_NE(std::vector<float>(expected.size(), 0), expected);
}

TEST_F(PrefixStateTest, APartThatFailsLeavesAnEmptySequence) {
  const Blob bytes = state(any_size, 3).value();
  int parts = 0;
  const auto third_fails = [&](const std::function<bool()>& part) { return ++parts != 3 && part(); };
  EXPECT_FALSE(restore_state(place, saved, bytes, third_fails));
  EXPECT_EQ(last_of(sequence), -1);
  parts = 0;
  EXPECT_FALSE(copy_state(place, saved, 3, any_size, third_fails));
}

TEST_F(PrefixStateTest, WhatTheLibraryRefusesLeavesNothingTaken) {
  const Blob whole = state().value();
  for (const Blob& refused : {refused_state(undivided, 0), refused_state(3, 0), refused_state(3, 2)}) {
    EXPECT_FALSE(restored(saved, refused));
    expect_all_cells_free();
    EXPECT_TRUE(restored(saved, whole)) << "the next state finds its place";
    EXPECT_EQ(last_of(sequence), saved - 1);
  }
}

TEST_F(PrefixStateTest, ACopyThatFailsLeavesTheSpareSequenceEmpty) {
  int parts = 0;
  // What a part leaves that throws in the middle of a piece.
  const auto third_throws = [&](const std::function<bool()>& part) {
    if (++parts != 3) return part();
    llama_memory_seq_cp(llama_get_memory(&context), sequence, spare, 3, 6);
    return false;
  };
  EXPECT_FALSE(copy_state(place, saved, 3, any_size, third_throws));
  EXPECT_EQ(last_of(spare), -1);
  EXPECT_EQ(last_of(sequence), held - 1);
}

TEST_F(PrefixStateTest, PutBackItIsTheSame) {
  const auto copy = copy_state(place, held, undivided, any_size, directly).value();
  ASSERT_TRUE(put_back(place, copy, directly));
  EXPECT_EQ(last_of(sequence), held - 1);
  EXPECT_EQ(copy_state(place, held, undivided, any_size, directly).value().sealed().text(), copy.sealed().text());
}

TEST_F(PrefixStateTest, APutBackThatTheLibraryRefusesLeavesNothingTaken) {
  const auto copy = copy_state(place, held, undivided, any_size, directly).value();
  std::ranges::fill(copy.bytes_of(0), std::byte{0});
  EXPECT_FALSE(put_back(place, copy, directly));
  expect_all_cells_free();
}

TEST_F(PrefixStateTest, APutBackThatThrowsAtItsEndLeavesNothingTaken) {
  const auto copy = copy_state(place, held, undivided, any_size, directly).value();
  int parts = 0;
  const auto first_throws = [&](const std::function<bool()>& part) { return part() && ++parts > 1; };
  EXPECT_FALSE(put_back(place, copy, first_throws));
  expect_all_cells_free();
}

}  // namespace
}  // namespace fovea::llama
