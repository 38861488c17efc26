// Model shapes of idefics3's kind, small enough to synthesise and load in milliseconds. A picture of 150 x
// 100 pixels is scaled to exactly 192 x 128 and becomes 3 x 2 tiles that do not overlap, and an overview.
#pragma once

#include "engine/llama/gguf/model_shape.h"

namespace fovea::test {

inline llama::ModelShape small_idefics3() {
  return {.name = "small",
          .family = llama::ModelShape::Family::idefics3,
          .decoder = {.architecture = "llama",
                      .layers = 3,
                      .width = 64,
                      .heads = 4,
                      .heads_kv = 2,
                      .ffn = 128,
                      .context = 2048,
                      .vocabulary = 512,
                      .rope_base = 10000,
                      .norm_epsilon = 1e-5},
          .vision = {.projector = "idefics3",
                     .layers = 2,
                     .width = 64,
                     .heads = 4,
                     .ffn = 128,
                     .image_size = 64,
                     .patch_size = 16,
                     .merge = 2,
                     .image_size_max = 192,
                     .projection = 64,
                     .norm_epsilon = 1e-6}};
}

// The same encoder with a decoder of Gemma 3's kind: five layers in which a token sees only the last 16, and
// one in which it sees all.
inline llama::ModelShape small_windowed() {
  llama::ModelShape shape = small_idefics3();
  shape.name = "windowed";
  shape.decoder.architecture = "gemma3";
  shape.decoder.layers = 6;
  shape.decoder.window = 16;
  return shape;
}

}  // namespace fovea::test
