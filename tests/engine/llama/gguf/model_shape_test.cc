#include "engine/llama/gguf/model_shape.h"

#include <gtest/gtest.h>

#include "engine/llama/gguf/head_only.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

using test::head_only;

TEST(ModelShape, IsReadFromTheBundledPair) {
  const DecoderShape decoder = read_decoder_shape(GgufFile::open(test::tiny_model).value());
  EXPECT_EQ(decoder.architecture, "llama");
  EXPECT_EQ(decoder.layers, 6u);
  EXPECT_EQ(decoder.width, 128u);
  EXPECT_EQ(decoder.vocabulary, 1248u);
  EXPECT_GT(decoder.heads, 0u);
  const VisionShape vision = read_vision_shape(GgufFile::open(test::tiny_mmproj).value());
  EXPECT_EQ(vision.projector, "janus_pro");
  EXPECT_EQ(vision.layers, 4u);
  EXPECT_EQ(vision.width, 128u);
}

TEST(ModelShape, WhatIsNotStatedIsZero) {
  const GgufFile empty = head_only([](GgufWriter&) {});
  EXPECT_EQ(read_decoder_shape(empty).layers, 0u);
  EXPECT_EQ(read_vision_shape(empty).image_size, 0u);
  EXPECT_EQ(read_vision_shape(empty).merge, 1u);
  EXPECT_EQ(projector_of(empty), "");
}

TEST(ModelShape, AListOfCountsStandsForItsLargest) {
  const GgufFile file = head_only([](GgufWriter& writer) {
    writer.set("general.architecture", std::string("odd"));
    writer.set("odd.attention.head_count", std::span<const std::int32_t>(std::vector<std::int32_t>{4, 8, 0}));
  });
  EXPECT_EQ(read_decoder_shape(file).heads, 8u);
  EXPECT_EQ(read_decoder_shape(file).heads_kv, 8u) << "as many as heads, where none are stated";
}

TEST(ModelShape, TheProjectorIsUnderEitherKey) {
  for (const char* key : {"clip.projector_type", "clip.vision.projector_type"}) {
    const GgufFile file = head_only([key](GgufWriter& writer) { writer.set(key, std::string("gemma3")); });
    EXPECT_EQ(projector_of(file), "gemma3");
    EXPECT_EQ(read_vision_shape(file).merge, 4u) << "libmtmd's default for it";
  }
}

TEST(ModelShape, TokensOfATileOfFixedSize) {
  VisionShape vision{.projector = "idefics3", .image_size = 512, .patch_size = 16, .merge = 4};
  EXPECT_EQ(tokens_per_tile(vision), 64u);
  vision.patch_size = 0;
  EXPECT_EQ(tokens_per_tile(vision), std::nullopt);
  EXPECT_EQ(tokens_per_tile({.projector = "pixtral", .image_size = 512, .patch_size = 16}), std::nullopt);
  EXPECT_EQ(tokens_per_tile({.projector = "resampler", .queries = 64}), 64u) << "whatever a tile's size is";
  EXPECT_EQ(tokens_per_tile({.projector = "resampler", .image_size = 448, .patch_size = 14}), std::nullopt);
}

}  // namespace
}  // namespace fovea::llama
