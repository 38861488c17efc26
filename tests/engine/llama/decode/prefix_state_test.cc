#include "engine/llama/decode/prefix_state.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/llama/decode/text_batch.h"
#include "engine/llama/loaded_model.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

constexpr llama_seq_id sequence = 0, spare = 1;
constexpr llama_pos held = 16, saved = 10;
constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();

class PrefixStateTest : public testing::Test {
 protected:
  PrefixStateTest() {
    TextBatch batch;
    for (llama_pos at = 0; at < held; ++at) batch.add(5 + at, at, sequence, at + 1 == held);
    EXPECT_EQ(llama_decode(&context, batch.view()), 0);
  }
  std::optional<Blob> state(std::uint64_t bytes_max = any_size) {
    return save_prefix(context, sequence, spare, saved, bytes_max);
  }
  // The highest position that the sequence holds; -1 if it is empty.
  llama_pos last_of(llama_seq_id of) { return llama_memory_seq_pos_max(llama_get_memory(&context), of); }

  LoadedModel loaded =
      LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = 256}).value();
  llama_context& context = *loaded.context;
};

TEST_F(PrefixStateTest, SavingLeavesBothSequencesAsTheyWere) {
  ASSERT_TRUE(state());
  EXPECT_EQ(last_of(sequence), held - 1);
  EXPECT_EQ(last_of(spare), -1);
}

TEST_F(PrefixStateTest, ComesBackToItsLastPosition) {
  const Blob bytes = state().value();
  ASSERT_TRUE(restore_state(context, sequence, saved, bytes));
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
    EXPECT_FALSE(restore_state(context, sequence, end, bytes));
    EXPECT_EQ(last_of(sequence), -1);
  }
}

TEST_F(PrefixStateTest, AnyChangedByteIsNoticed) {
  const std::string whole(state().value().text());
  for (std::size_t at = 0; at < whole.size(); at += at < 64 ? 1 : whole.size() / 50) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(restore_state(context, sequence, saved, Blob::copy_of(damaged))) << at;
  }
  EXPECT_FALSE(restore_state(context, sequence, saved, Blob::copy_of(whole.substr(0, whole.size() - 1))));
  EXPECT_FALSE(restore_state(context, sequence, saved, Blob()));
  EXPECT_TRUE(restore_state(context, sequence, saved, Blob::copy_of(whole)));
}

}  // namespace
}  // namespace fovea::llama
