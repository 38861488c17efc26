#include <gtest/gtest.h>

#include "engine/llama/gguf/model_shape.h"
#include "engine/llama/synth/synth.h"
#include "engine/llama/synth/synth_vocabulary.h"

namespace fovea::llama {
namespace {

TEST(SynthShapes, EveryNameHasAShapeThatFitsTogether) {
  ASSERT_FALSE(synth_names().empty());
  for (const std::string& name : synth_names()) {
    const auto shape = synth_shape(name);
    ASSERT_TRUE(shape) << name;
    EXPECT_EQ(shape->name, name);
    EXPECT_TRUE(shape->decoder.head_width > 0 || shape->decoder.width % shape->decoder.heads == 0) << name;
    EXPECT_EQ(shape->decoder.heads % shape->decoder.heads_kv, 0u) << name;
    EXPECT_EQ(shape->vision.width % shape->vision.heads, 0u) << name;
    EXPECT_EQ(shape->vision.projection, shape->decoder.width) << name;
    EXPECT_GE(shape->decoder.vocabulary, vocabulary_min(*shape)) << name;
    EXPECT_TRUE(tokens_per_tile(shape->vision) || shape->vision.projector.starts_with("qwen")) << name;
  }
}

TEST(SynthShapes, TilesHaveTheTokensOfThePublishedModels) {
  EXPECT_EQ(tokens_per_tile(synth_shape("smolvlm-256m")->vision), 64u);
  EXPECT_EQ(tokens_per_tile(synth_shape("smolvlm2-2.2b")->vision), 81u);
  EXPECT_EQ(tokens_per_tile(synth_shape("llava-1.5-7b")->vision), 576u);
  EXPECT_EQ(tokens_per_tile(synth_shape("gemma-3-4b")->vision), 256u);
  EXPECT_EQ(tokens_per_tile(synth_shape("internvl3-1b")->vision), 256u);
  EXPECT_EQ(tokens_per_tile(synth_shape("minicpm-v-4")->vision), 64u);
}

TEST(SynthShapes, AnUnknownNameIsAnsweredWithAllKnownOnes) {
  const auto shape = synth_shape("other");
  ASSERT_FALSE(shape);
  for (const std::string& name : synth_names()) EXPECT_TRUE(shape.error().message.contains(name));
}

}  // namespace
}  // namespace fovea::llama
