// The encoders' plans: each is what this program's own checks of model files accept.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <format>

#include "engine/llama/gguf/validate.h"
#include "engine/llama/synth/synth.h"
#include "engine/llama/synth/synth_plan.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

bool has(const SynthFile& file, std::string_view name) {
  return std::ranges::contains(file.writer.tensors(), name, &GgufWriter::Tensor::name);
}

TEST(SynthVision, PairsOfAllKindsAreAccepted) {
  const auto folder = std::filesystem::temp_directory_path() / std::format("fovea-synth-vision-{}", getpid());
  for (const ModelShape& shape : {test::small_idefics3(), test::small_windowed(), test::small_hybrid(),
                                  test::small_gemma3(), test::small_qwen25(), test::small_internvl()}) {
    const auto pair = synthesise(shape, {.directory = folder});
    ASSERT_TRUE(pair) << pair.error().message;
    const auto valid = validate_pair(pair->decoder, pair->mmproj);
    EXPECT_TRUE(valid) << shape.name << ": " << valid.error().message;
  }
  std::filesystem::remove_all(folder);
}

TEST(SynthVision, PlacesAreInATableOrInWindows) {
  EXPECT_TRUE(has(plan_mmproj(test::small_hybrid(), GGML_TYPE_F32), "v.position_embd.weight"));
  const SynthFile windowed = plan_mmproj(test::small_qwen25(), GGML_TYPE_F32);
  EXPECT_FALSE(has(windowed, "v.position_embd.weight"));
  EXPECT_TRUE(has(windowed, "v.blk.0.ffn_gate.weight"));
}

TEST(SynthVision, WhatIsMultipliedFromTheOtherSideIsNotQuantised) {
  const SynthFile gemma3 = plan_mmproj(test::small_gemma3(), GGML_TYPE_Q8_0);
  const auto& tensors = gemma3.writer.tensors();
  const auto turned = std::ranges::find(tensors, "mm.input_projection.weight", &GgufWriter::Tensor::name);
  ASSERT_NE(turned, tensors.end());
  EXPECT_EQ(turned->type, GGML_TYPE_F16);
}

}  // namespace
}  // namespace fovea::llama
