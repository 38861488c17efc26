// Which waiting task gets the next sequence. Nothing is computed here.
#include "engine/llama/decode/slot_queue.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

class SlotQueueTest : public testing::Test {
 protected:
  std::unique_ptr<SlotTask> task_of(std::uint64_t tenant, std::uint64_t request, std::uint32_t cells = 100) {
    return std::unique_ptr<SlotTask>(
        new SlotTask{.layout = *layout, .prefix_hashes = {}, .cells = cells, .caller = {tenant, request, {}}});
  }
  // Lets time pass that a slot is held.
  static void hold() {
    const Stopwatch held;
    while (held.elapsed_ms() < 1) {
    }
  }

  LoadedModel loaded =
      LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = 512, .parallel = 2})
          .value();
  std::unique_ptr<LlamaLayout> layout = LlamaLayout::make(loaded, {.parts = {"What is it?"}}, {}).value();
  Sequences sequences{*loaded.context, 2, true};
  SlotQueue queue{sequences};
};

TEST_F(SlotQueueTest, GivesSequencesInOrderOfArrivalWhileThereAreSome) {
  const auto first = task_of(0, 1), second = task_of(0, 2), third = task_of(0, 3);
  for (SlotTask* task : {first.get(), second.get(), third.get()}) queue.push(*task);
  EXPECT_EQ(queue.admit(), first.get());
  EXPECT_EQ(queue.admit(), second.get());
  ASSERT_NE(first->sequence, nullptr);
  EXPECT_NE(first->sequence, second->sequence);
  EXPECT_EQ(queue.admit(), nullptr) << "both sequences are in use";
  EXPECT_EQ(queue.waiting().size(), 1u);
  queue.release(*first, layout->tokens());
  EXPECT_EQ(queue.admit(), third.get());
  EXPECT_EQ(queue.admit(), nullptr) << "nothing waits";
}

TEST_F(SlotQueueTest, TheTenantThatHeldSlotsLeastIsNext) {
  const auto first = task_of(1, 1), other = task_of(1, 2), second = task_of(1, 3), newcomer = task_of(2, 4);
  for (SlotTask* task : {first.get(), other.get(), second.get(), newcomer.get()}) queue.push(*task);
  ASSERT_EQ(queue.admit(), first.get());
  hold();
  queue.release(*first, 0);
  EXPECT_EQ(queue.admit(), newcomer.get()) << "though two of the first tenant came before it";
}

TEST_F(SlotQueueTest, NoRequestOvertakesALargeOne) {
  const auto running = task_of(0, 1, 400), large = task_of(0, 2, 300), small = task_of(0, 3, 50);
  for (SlotTask* task : {running.get(), large.get(), small.get()}) queue.push(*task);
  ASSERT_EQ(queue.admit(), running.get());
  EXPECT_EQ(queue.admit(), nullptr) << "the small one would find room";
  queue.remove(*large);
  EXPECT_EQ(queue.admit(), small.get());
}

}  // namespace
}  // namespace fovea::llama
