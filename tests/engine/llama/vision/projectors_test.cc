#include "engine/llama/vision/projectors.h"

#include <gtest/gtest.h>

#include "engine/llama/gguf/gguf_writer.h"
#include "engine/models.h"
#include "engine/mutilation.h"

namespace fovea::llama {
namespace {

// A file with this projector and one tensor of 6 x 9.
GgufFile file_with(const std::string& projector, const std::string& tensor) {
  const test::ScratchFolder folder;
  GgufWriter writer;
  writer.set("clip.projector_type", projector);
  writer.set("clip.vision.block_count", 2u);
  writer.add_tensor(tensor, std::vector<std::int64_t>{6, 9}, GGML_TYPE_F32);
  writer.add_tensor("v.deepstack.1.fc1.weight", std::vector<std::int64_t>{1}, GGML_TYPE_F32);
  const auto path = folder.path() / "mmproj.gguf";
  writer.write(path, [](const TensorPiece&, std::span<std::byte>) -> Result<void> { return {}; }).value();
  return GgufFile::open(path).value();
}

TEST(Projectors, AreForImagesOrForSound) {
  EXPECT_TRUE(is_known_projector("idefics3"));
  EXPECT_FALSE(is_audio_projector("idefics3"));
  EXPECT_TRUE(is_audio_projector("ultravox"));
  EXPECT_FALSE(is_known_projector("ultravox"));
  EXPECT_FALSE(is_known_projector("idefics"));
  EXPECT_FALSE(is_known_projector(""));
}

TEST(Projectors, CommonOnesHaveTheirLayers) {
  ASSERT_EQ(projector_layers("idefics3").size(), 1u);
  EXPECT_EQ(projector_layers("idefics3").front(), "mm.model.fc");
  EXPECT_EQ(projector_layers("mlp").back(), "mm.2");
  EXPECT_TRUE(projector_layers("adapter").empty()) << "known by name only";
  EXPECT_TRUE(projector_layers("other").empty());
}

TEST(Projectors, TheirWidthIsThatOfTheLastLayer) {
  EXPECT_EQ(projection_width(GgufFile::open(test::tiny_mmproj).value()), 128);
  EXPECT_EQ(projection_width(file_with("idefics3", "mm.model.fc.weight")), 9);
  EXPECT_EQ(projection_width(file_with("idefics3", "another.weight")), 0);
  EXPECT_EQ(projection_width(file_with("adapter", "mm.0.weight")), 0) << "its layers are not known";
}

TEST(Projectors, SomeMultiplyFromTheOtherSideOrFeedMoreLayers) {
  EXPECT_EQ(projection_width(file_with("gemma3", "mm.input_projection.weight")), 6);
  EXPECT_EQ(projection_width(file_with("qwen3vl_merger", "mm.2.weight")), 9 * 2) << "one of two layers has deepstack";
}

}  // namespace
}  // namespace fovea::llama
