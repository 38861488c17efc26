#include "engine/llama/onednn/kernel_choice.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <regex>

namespace fovea::llama {
namespace {

TEST(KernelChoice, IsReadFromItsWord) {
  EXPECT_EQ(parse_kernel_choice("auto").value(), KernelChoice::automatic);
  EXPECT_EQ(parse_kernel_choice("f32").value(), KernelChoice::f32);
  EXPECT_EQ(parse_kernel_choice("ggml").value(), KernelChoice::ggml);
  const auto wrong = parse_kernel_choice("fast");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "kernels \"fast\": write auto, f32 or ggml");
}

TEST(KernelChoice, OnlyWeightsOfFewBitsAreRoundedToBfloat16) {
  EXPECT_TRUE(packs_as_bfloat16(GGML_TYPE_Q8_0));
  EXPECT_TRUE(packs_as_bfloat16(GGML_TYPE_Q4_K));
  EXPECT_TRUE(packs_as_bfloat16(GGML_TYPE_BF16));
  EXPECT_FALSE(packs_as_bfloat16(GGML_TYPE_F16));
  EXPECT_FALSE(packs_as_bfloat16(GGML_TYPE_F32));
}

TEST(KernelChoice, TheClassNamesTheNumbers) {
  EXPECT_TRUE(kernel_class(false).ends_with(" f32"));
  EXPECT_TRUE(kernel_class(true).ends_with(" bf16"));
  const std::regex words("onednn [0-9.]+, (SSE|AVX|AMX)[A-Z0-9. -]*, bf16");
  EXPECT_TRUE(std::regex_match(kernel_class(true), words)) << kernel_class(true);
}

TEST(KernelChoice, PackedWeightsMayTakeHalfOfTheMemory) { EXPECT_GT(packed_bytes_max(), 1u << 28); }

}  // namespace
}  // namespace fovea::llama
