#include "engine/llama/onednn/kernel_plan.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdlib>

#include "engine/models.h"

namespace fovea::llama {
namespace {

TEST(KernelPlan, ServesBothModelsOfASmallPair) {
  const auto plan = KernelPlan::make(KernelChoice::f32, fovea::test::tiny_model, fovea::test::tiny_mmproj);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->vision_class(), kernel_class(false));
  EXPECT_EQ(plan->decoder_class(), kernel_class(false));
  EXPECT_NE(plan->for_vision(1), nullptr);
}

TEST(KernelPlan, LeavesAllToGgmlWhereTheUserWantsIt) {
  const auto plan = KernelPlan::make(KernelChoice::ggml, fovea::test::tiny_model, fovea::test::tiny_mmproj);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->vision_class(), "ggml");
  EXPECT_EQ(plan->for_vision(1), nullptr);
  EXPECT_EQ(plan->for_decoder(1), nullptr);
}

// In a process of its own, which may not run written code from then on: 77 where the system cannot say so.
[[noreturn]] void exit_with_plan(KernelChoice choice) {
  if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0) std::_Exit(77);
  const auto plan = KernelPlan::make(choice, fovea::test::tiny_model, fovea::test::tiny_mmproj);
  if (!plan) std::_Exit(plan.error().fault == Fault::unsupported ? 2 : 3);
  std::_Exit(plan->vision_class() == "ggml" && plan->decoder_class() == "ggml" ? 0 : 1);
}

TEST(KernelPlan, LeavesAllToGgmlWhereNoCodeMayBeWritten) {
  const auto exits_with = [](int code) {
    return
        [code](int status) { return WIFEXITED(status) && (WEXITSTATUS(status) == code || WEXITSTATUS(status) == 77); };
  };
  EXPECT_EXIT(exit_with_plan(KernelChoice::automatic), exits_with(0), "");
  EXPECT_EXIT(exit_with_plan(KernelChoice::f32), exits_with(2), "");
}

TEST(KernelPlan, RefusesAFileThatIsNone) {
  const auto plan = KernelPlan::make(KernelChoice::automatic, "/nowhere.gguf", fovea::test::tiny_mmproj);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().fault, Fault::not_found);
}

}  // namespace
}  // namespace fovea::llama
