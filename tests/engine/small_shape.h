// Model shapes that are small enough to synthesise and load in milliseconds.
#pragma once

#include "engine/llama/gguf/model_shape.h"

namespace fovea::test {

// Of idefics3's kind. A picture of 150 x 100 pixels is scaled to exactly 192 x 128 and becomes 3 x 2 tiles
// that do not overlap, and an overview.
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

// A hybrid decoder of Qwen 3.5's kind: three recurrent layers, and one with attention and positions in two
// dimensions. A picture of 64 x 64 pixels has 4 tokens.
inline llama::ModelShape small_hybrid() {
  return {.name = "hybrid",
          .family = llama::ModelShape::Family::qwen_vl,
          .decoder = {.architecture = "qwen35",
                      .layers = 4,
                      .width = 64,
                      .heads = 2,
                      .heads_kv = 1,
                      .head_width = 64,
                      .ffn = 128,
                      .context = 2048,
                      .vocabulary = 512,
                      .attention_interval = 4,
                      .recurrent_heads = 2,
                      .recurrent_width = 32,
                      .rope_base = 10000,
                      .norm_epsilon = 1e-6},
          .vision = {.projector = "qwen3vl_merger",
                     .layers = 2,
                     .width = 64,
                     .heads = 4,
                     .ffn = 128,
                     .image_size = 128,
                     .patch_size = 16,
                     .merge = 2,
                     .image_size_max = 0,
                     .projection = 64,
                     .norm_epsilon = 1e-6}};
}

// Gemma 3's kind as a whole: sliding windows, and images without a causal mask.
inline llama::ModelShape small_gemma3() {
  llama::ModelShape shape = small_windowed();
  shape.name = "gemma3";
  shape.family = llama::ModelShape::Family::gemma3;
  shape.vision.projector = "gemma3";
  shape.vision.image_size_max = 0;
  return shape;
}

// Qwen 2.5's kind: positions in two dimensions, and windows in the encoder.
inline llama::ModelShape small_qwen25() {
  llama::ModelShape shape = small_hybrid();
  shape.name = "qwen25";
  shape.decoder.architecture = "qwen2vl";
  shape.decoder.heads = 4;
  shape.decoder.heads_kv = 2;
  shape.decoder.head_width = 0;
  shape.decoder.attention_interval = shape.decoder.recurrent_heads = shape.decoder.recurrent_width = 0;
  shape.vision.projector = "qwen2.5vl_merger";
  return shape;
}

inline llama::ModelShape small_internvl() {
  llama::ModelShape shape = small_idefics3();
  shape.name = "internvl";
  shape.family = llama::ModelShape::Family::internvl;
  shape.decoder.architecture = "qwen2";
  shape.vision.projector = "internvl";
  shape.vision.image_size_max = 0;
  return shape;
}

// MiniCPM-V's kind: tiles of several sizes, and a resampler that makes 16 tokens of each. libmtmd's resampler
// has heads of 128 elements, so the width is a multiple of that.
inline llama::ModelShape small_minicpmv() {
  llama::ModelShape shape = small_idefics3();
  shape.name = "minicpmv";
  shape.family = llama::ModelShape::Family::minicpmv;
  shape.decoder.width = 128;
  shape.vision.projector = "resampler";
  shape.vision.merge = 1;
  shape.vision.image_size_max = 0;
  shape.vision.queries = 16;
  shape.vision.projection = 128;
  return shape;
}

}  // namespace fovea::test
