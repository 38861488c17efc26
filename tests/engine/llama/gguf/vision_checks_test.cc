#include "engine/llama/gguf/vision_checks.h"

#include <gtest/gtest.h>

#include "engine/llama/gguf/head_only.h"
#include "engine/models.h"
#include "engine/mutilation.h"

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

}  // namespace
}  // namespace fovea::llama
