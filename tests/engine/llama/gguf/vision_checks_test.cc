#include "engine/llama/gguf/vision_checks.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include "engine/llama/gguf/head_only.h"
#include "engine/llama/synth/synth.h"
#include "engine/llama/synth/synth_plan.h"
#include "engine/models.h"
#include "engine/mutilation.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

class VisionChecks : public testing::Test {
 protected:
  static std::string refusal(const GgufFile& mmproj) {
    const Result<void> accepted = check_vision(mmproj);
    return accepted ? "" : accepted.error().message;
  }
  // After the damage, which is then repaired.
  std::string refusal() {
    const std::string sentence = refusal(GgufFile::open(mmproj.path()).value());
    mmproj.restore();
    return sentence;
  }

  std::filesystem::path synthesised(const ModelShape& shape) const {
    return synthesise(shape, {.directory = folder.path(), .type = "f32"}).value().mmproj;
  }

  test::ScratchFolder folder;
  test::MutilatedFile mmproj{test::tiny_mmproj, folder.path() / "mmproj.gguf"};
};

TEST_F(VisionChecks, AcceptTheBundledModel) { EXPECT_EQ(refusal(), ""); }

TEST_F(VisionChecks, AnMmprojHasAVisionEncoder) {
  const auto of_sound = test::head_only([](GgufWriter& writer) { writer.set("clip.has_audio_encoder", true); });
  EXPECT_TRUE(refusal(of_sound).contains("encodes sound, not pictures"));
  EXPECT_TRUE(refusal(test::head_only([](GgufWriter&) {})).contains("has no vision encoder"));
}

TEST_F(VisionChecks, AProjectorIsKnown) {
  mmproj.rename("janus_pro", "janus_xyz");
  EXPECT_TRUE(refusal().contains("has the projector 'janus_xyz'"));
}

TEST_F(VisionChecks, PatchesAndHeadsFit) {
  mmproj.set_u32("clip.vision.attention.head_count", 3);
  EXPECT_TRUE(refusal().contains("3 attention heads do not divide the encoder's width of 128"));
  mmproj.set_u32("clip.vision.patch_size", 97);
  EXPECT_TRUE(refusal().contains("has no sensible number of patches"));
  mmproj.set_u32("clip.vision.patch_size", 0);
  EXPECT_TRUE(refusal().contains("'clip.vision.patch_size' is 0"));
}

TEST_F(VisionChecks, TensorsHaveTheShapesThatTheNumbersDemand) {
  mmproj.rename("v.blk.1.attn_out.weight", "x.blk.1.attn_out.weight");
  EXPECT_TRUE(refusal().contains("lacks the tensor 'v.blk.1.attn_out.weight'"));
  mmproj.set_extent("v.position_embd.weight", 0, 64);
  mmproj.set_extent("v.position_embd.weight", 1, 128);
  EXPECT_TRUE(refusal().contains("tensor 'v.position_embd.weight' has the shape 64 x 128"));
}

TEST_F(VisionChecks, TheProjectorsLayersFitEachOther) {
  mmproj.set_extent("mm.1.weight", 0, 256);
  mmproj.set_extent("mm.1.weight", 1, 64);
  EXPECT_TRUE(refusal().contains("tensor 'mm.1.weight' has the shape 256 x 64"));
}

// What is transposed in the encoder's graph must not be quantised: ggml writes past the end.
TEST_F(VisionChecks, GemmasProjectionIsOfFloats) {
  ModelShape shape = test::small_idefics3();
  shape.vision.projector = "gemma3";
  const auto refusal_of = [&](ggml_type type) {
    SynthFile file = plan_mmproj(shape, GGML_TYPE_F32);
    file.writer.add_tensor("mm.input_projection.weight", std::vector<std::int64_t>{64, 64}, type);
    file.writer.add_tensor("mm.soft_emb_norm.weight", std::vector<std::int64_t>{64}, GGML_TYPE_F32);
    const auto path = folder.path() / "gemma3.gguf";
    EXPECT_TRUE(file.writer.write(path, [](const TensorPiece&, std::span<std::byte>) { return Result<void>(); }));
    return refusal(GgufFile::open(path).value());
  };
  EXPECT_EQ(refusal_of(GGML_TYPE_F16), "");
  EXPECT_TRUE(refusal_of(GGML_TYPE_Q8_0).contains("as q8_0, which cannot be transposed"));
}

TEST_F(VisionChecks, Qwen3sEncoderIsChecked) {
  test::MutilatedFile damaged(synthesised(test::small_hybrid()), folder.path() / "damaged.gguf");
  const auto refused = [&] {
    const std::string sentence = refusal(GgufFile::open(damaged.path()).value());
    damaged.restore();
    return sentence;
  };
  EXPECT_EQ(refused(), "");
  damaged.set_u32("clip.vision.spatial_merge_size", 3);
  EXPECT_TRUE(refused().contains("'clip.vision.spatial_merge_size' is 3"));
  damaged.rename("v.patch_embd.weight.1", "x.patch_embd.weight.1");
  EXPECT_TRUE(refused().contains("lacks the tensor 'v.patch_embd.weight.1'"));
  damaged.rename("v.blk.1.attn_qkv.bias", "x.blk.1.attn_qkv.bias");
  EXPECT_TRUE(refused().contains("lacks the tensor 'v.blk.1.attn_qkv.bias'"));
  damaged.set_extent("mm.0.weight", 0, 128);
  damaged.set_extent("mm.0.weight", 1, 512);
  EXPECT_TRUE(refused().contains("tensor 'mm.0.weight' has the shape 128 x"));
}

}  // namespace
}  // namespace fovea::llama
