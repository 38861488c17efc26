#include "engine/llama/synth/synth_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <format>

#include "engine/llama/synth/synth_vocabulary.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

struct Planned {
  GgufWriter::Tensor tensor;
  Draw draw;
};

// REQUIRES: the file has the tensor.
Planned planned(const SynthFile& file, std::string_view name) {
  const auto& tensors = file.writer.tensors();
  const auto found = std::ranges::find(tensors, name, &GgufWriter::Tensor::name);
  EXPECT_NE(found, tensors.end()) << name;
  return {*found, file.draws[static_cast<std::size_t>(found - tensors.begin())]};
}

bool has(const SynthFile& file, std::string_view name) {
  return std::ranges::contains(file.writer.tensors(), name, &GgufWriter::Tensor::name);
}

TEST(SynthPlan, EveryTensorHasItsDraw) {
  for (const SynthFile& file :
       {plan_decoder(test::small_idefics3(), GGML_TYPE_Q8_0), plan_decoder(test::small_windowed(), GGML_TYPE_F32)}) {
    EXPECT_EQ(file.writer.tensors().size(), file.draws.size());
  }
  const SynthFile decoder = plan_decoder(test::small_idefics3(), GGML_TYPE_Q8_0);
  EXPECT_EQ(decoder.writer.tensors().size(), 3u + 3 * 9) << "three tensors, and nine a layer";
  const SynthFile mmproj = plan_mmproj(test::small_idefics3(), GGML_TYPE_Q8_0);
  EXPECT_EQ(mmproj.writer.tensors().size(), mmproj.draws.size());
}

TEST(SynthPlan, MatricesKeepTheVarianceAndNormsAreOne) {
  const SynthFile decoder = plan_decoder(test::small_idefics3(), GGML_TYPE_F32);
  EXPECT_FLOAT_EQ(planned(decoder, "blk.0.ffn_down.weight").draw.spread, 1 / std::sqrt(128.0F));
  EXPECT_FLOAT_EQ(planned(decoder, "blk.0.attn_norm.weight").draw.mean, 1);
  EXPECT_FLOAT_EQ(planned(decoder, "token_embd.weight").draw.spread, std::sqrt(6.0F)) << "two for each of three layers";
}

TEST(SynthPlan, OnlyWordsHaveOutputRows) {
  const SynthFile decoder = plan_decoder(test::small_idefics3(), GGML_TYPE_F32);
  EXPECT_EQ(planned(decoder, "output.weight").draw.zero_rows, make_synth_vocabulary(test::small_idefics3()).silent);
}

TEST(SynthPlan, ATypeThatDoesNotFitTheRowsIsReplaced) {
  ModelShape shape = test::small_idefics3();
  EXPECT_EQ(planned(plan_decoder(shape, GGML_TYPE_Q4_K), "blk.0.attn_q.weight").tensor.type, GGML_TYPE_Q8_0);
  shape.decoder.ffn = 100;
  EXPECT_EQ(planned(plan_decoder(shape, GGML_TYPE_Q4_K), "blk.0.ffn_down.weight").tensor.type, GGML_TYPE_F16);
  EXPECT_EQ(planned(plan_decoder(shape, GGML_TYPE_Q4_K), "output_norm.weight").tensor.type, GGML_TYPE_F32);
}

TEST(SynthPlan, AHybridDecoderHasAttentionInEveryFourthLayer) {
  const SynthFile decoder = plan_decoder(test::small_hybrid(), GGML_TYPE_F32);
  for (const int layer : {0, 1, 2}) {
    EXPECT_TRUE(has(decoder, std::format("blk.{}.ssm_out.weight", layer)));
    EXPECT_FALSE(has(decoder, std::format("blk.{}.attn_q.weight", layer)));
  }
  EXPECT_FALSE(has(decoder, "blk.3.ssm_out.weight"));
  EXPECT_EQ(planned(decoder, "blk.3.attn_q.weight").tensor.shape, (std::vector<std::int64_t>{64, 2 * 2 * 64}))
      << "a gate beside each query";
  EXPECT_LT(planned(decoder, "blk.0.ssm_a").draw.mean, 0) << "what is remembered fades";
}

TEST(SynthPlan, QueriesKeysAndValuesOfQwen2HaveBiases) {
  const SynthFile decoder = plan_decoder(test::small_qwen25(), GGML_TYPE_F32);
  EXPECT_EQ(planned(decoder, "blk.0.attn_q.bias").tensor.shape, std::vector<std::int64_t>{64});
  EXPECT_EQ(planned(decoder, "blk.0.attn_k.bias").tensor.shape, std::vector<std::int64_t>{32});
  EXPECT_FALSE(has(plan_decoder(test::small_idefics3(), GGML_TYPE_F32), "blk.0.attn_q.bias"));
}

TEST(SynthPlan, EachFamilyHasItsProjector) {
  ModelShape shape = test::small_idefics3();
  EXPECT_EQ(planned(plan_mmproj(shape, GGML_TYPE_F32), "mm.model.fc.weight").tensor.shape,
            (std::vector<std::int64_t>{64 * 2 * 2, 64}));
  shape.family = ModelShape::Family::llava;
  shape.vision.projector = "mlp";
  const SynthFile llava = plan_mmproj(shape, GGML_TYPE_F32);
  EXPECT_TRUE(has(llava, "mm.2.weight"));
  EXPECT_FALSE(has(llava, "mm.model.fc.weight"));
  EXPECT_EQ(planned(llava, "v.position_embd.weight").tensor.shape, (std::vector<std::int64_t>{64, 17}))
      << "a place for the class token";
}

}  // namespace
}  // namespace fovea::llama
