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
  for (const ModelShape& shape :
       {test::small_idefics3(), test::small_windowed(), test::small_hybrid(), test::small_gemma3(),
        test::small_qwen25(), test::small_internvl(), test::small_minicpmv()}) {
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

TEST(SynthVision, AResamplerHasTheTensorsOfPublishedFiles) {
  const SynthFile published = plan_mmproj(*synth_shape("minicpm-v-4"), GGML_TYPE_F16);
  EXPECT_EQ(published.writer.tensors().size(), 455u);
  const SynthFile small = plan_mmproj(test::small_minicpmv(), GGML_TYPE_F32);
  for (const char* name : {"resampler.query", "resampler.kv.weight", "resampler.attn.out.bias",
                           "resampler.ln_post.bias", "resampler.proj.weight"})
    EXPECT_TRUE(has(small, name)) << name;
}

TEST(SynthVision, AResamplersTilesHavePlacesForEachSize) {
  const SynthFile small = plan_mmproj(test::small_minicpmv(), GGML_TYPE_F32);
  const auto& tensors = small.writer.tensors();
  const auto places = std::ranges::find(tensors, "v.position_embd.weight", &GgufWriter::Tensor::name);
  ASSERT_NE(places, tensors.end());
  EXPECT_EQ(places->shape, (std::vector<std::int64_t>{64, 70 * 70})) << "libmtmd's, whatever a tile's size is";
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
