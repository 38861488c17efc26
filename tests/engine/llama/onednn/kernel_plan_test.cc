#include "engine/llama/onednn/kernel_plan.h"

#include <gtest/gtest.h>

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

TEST(KernelPlan, RefusesAFileThatIsNone) {
  const auto plan = KernelPlan::make(KernelChoice::automatic, "/nowhere.gguf", fovea::test::tiny_mmproj);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().fault, Fault::not_found);
}

}  // namespace
}  // namespace fovea::llama
