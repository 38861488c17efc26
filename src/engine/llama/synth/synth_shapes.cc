// The shapes of published models, as their configurations and published GGUF files state them. Declared in
// synth.h.
#include <array>
#include <format>

#include "engine/llama/synth/synth.h"

namespace fovea::llama {

namespace {

// SigLIP-base of 93M parameters at 512 pixels with SmolLM2-135M.
ModelShape smolvlm_256m() {
  return {.name = "smolvlm-256m",
          .family = ModelShape::Family::idefics3,
          .decoder = {.architecture = "llama",
                      .layers = 30,
                      .width = 576,
                      .heads = 9,
                      .heads_kv = 3,
                      .ffn = 1536,
                      .context = 8192,
                      .vocabulary = 49280,
                      .rope_base = 100000,
                      .norm_epsilon = 1e-5},
          .vision = {.projector = "idefics3",
                     .layers = 12,
                     .width = 768,
                     .heads = 12,
                     .ffn = 3072,
                     .image_size = 512,
                     .patch_size = 16,
                     .merge = 4,
                     .image_size_max = 2048,
                     .projection = 576,
                     .norm_epsilon = 1e-6}};
}

// SigLIP-so400m at 384 pixels with SmolLM2-1.7B.
ModelShape smolvlm2_2_2b() {
  return {.name = "smolvlm2-2.2b",
          .family = ModelShape::Family::idefics3,
          .decoder = {.architecture = "llama",
                      .layers = 24,
                      .width = 2048,
                      .heads = 32,
                      .heads_kv = 32,
                      .ffn = 8192,
                      .context = 8192,
                      .vocabulary = 49280,
                      .rope_base = 130000,
                      .norm_epsilon = 1e-5},
          .vision = {.projector = "idefics3",
                     .layers = 27,
                     .width = 1152,
                     .heads = 16,
                     .ffn = 4304,
                     .image_size = 384,
                     .patch_size = 14,
                     .merge = 3,
                     .image_size_max = 1536,
                     .projection = 2048,
                     .norm_epsilon = 1e-6}};
}

// CLIP ViT-L/14 at 336 pixels, its last layer left out as published, with Vicuna 7B.
ModelShape llava_1_5_7b() {
  return {.name = "llava-1.5-7b",
          .family = ModelShape::Family::llava,
          .decoder = {.architecture = "llama",
                      .layers = 32,
                      .width = 4096,
                      .heads = 32,
                      .heads_kv = 32,
                      .ffn = 11008,
                      .context = 4096,
                      .vocabulary = 32000,
                      .rope_base = 10000,
                      .norm_epsilon = 1e-5},
          .vision = {.projector = "mlp",
                     .layers = 23,
                     .width = 1024,
                     .heads = 16,
                     .ffn = 4096,
                     .image_size = 336,
                     .patch_size = 14,
                     .merge = 1,
                     .image_size_max = 0,
                     .projection = 4096,
                     .norm_epsilon = 1e-5}};
}

// A hybrid decoder: every fourth layer has attention, the others are gated delta nets. The encoder is Qwen
// 3's, without intermediate results for the decoder's first layers.
ModelShape qwen3_5_0_8b() {
  return {.name = "qwen3.5-0.8b",
          .family = ModelShape::Family::qwen_vl,
          .decoder = {.architecture = "qwen35",
                      .layers = 24,
                      .width = 1024,
                      .heads = 8,
                      .heads_kv = 2,
                      .head_width = 256,
                      .ffn = 3584,
                      .context = 262144,
                      .vocabulary = 248320,
                      .attention_interval = 4,
                      .recurrent_heads = 16,
                      .recurrent_width = 128,
                      .rope_base = 10000000,
                      .norm_epsilon = 1e-6},
          .vision = {.projector = "qwen3vl_merger",
                     .layers = 12,
                     .width = 768,
                     .heads = 12,
                     .ffn = 3072,
                     .image_size = 768,
                     .patch_size = 16,
                     .merge = 2,
                     .image_size_max = 0,
                     .projection = 1024,
                     .norm_epsilon = 1e-6}};
}

// Positions in two dimensions, and an encoder with windows.
ModelShape qwen2_5_vl_3b() {
  return {.name = "qwen2.5-vl-3b",
          .family = ModelShape::Family::qwen_vl,
          .decoder = {.architecture = "qwen2vl",
                      .layers = 36,
                      .width = 2048,
                      .heads = 16,
                      .heads_kv = 2,
                      .ffn = 11008,
                      .context = 128000,
                      .vocabulary = 151936,
                      .rope_base = 1000000,
                      .norm_epsilon = 1e-6},
          .vision = {.projector = "qwen2.5vl_merger",
                     .layers = 32,
                     .width = 1280,
                     .heads = 16,
                     .ffn = 3420,
                     .image_size = 560,
                     .patch_size = 14,
                     .merge = 2,
                     .image_size_max = 0,
                     .projection = 2048,
                     .norm_epsilon = 1e-6}};
}

// Sliding windows in five of six layers, and images without a causal mask. SigLIP-so400m at 896 pixels.
ModelShape gemma_3_4b() {
  return {.name = "gemma-3-4b",
          .family = ModelShape::Family::gemma3,
          .decoder = {.architecture = "gemma3",
                      .layers = 34,
                      .width = 2560,
                      .heads = 8,
                      .heads_kv = 4,
                      .head_width = 256,
                      .ffn = 10240,
                      .context = 131072,
                      .vocabulary = 262208,
                      .window = 1024,
                      .rope_base = 1000000,
                      .norm_epsilon = 1e-6},
          .vision = {.projector = "gemma3",
                     .layers = 27,
                     .width = 1152,
                     .heads = 16,
                     .ffn = 4304,
                     .image_size = 896,
                     .patch_size = 14,
                     .merge = 4,
                     .image_size_max = 0,
                     .projection = 2560,
                     .norm_epsilon = 1e-6}};
}

// InternViT-300M at 448 pixels with Qwen2.5-0.5B.
ModelShape internvl3_1b() {
  return {.name = "internvl3-1b",
          .family = ModelShape::Family::internvl,
          .decoder = {.architecture = "qwen2",
                      .layers = 24,
                      .width = 896,
                      .heads = 14,
                      .heads_kv = 2,
                      .ffn = 4864,
                      .context = 32768,
                      .vocabulary = 151674,
                      .rope_base = 1000000,
                      .norm_epsilon = 1e-6},
          .vision = {.projector = "internvl",
                     .layers = 24,
                     .width = 1024,
                     .heads = 16,
                     .ffn = 4096,
                     .image_size = 448,
                     .patch_size = 14,
                     .merge = 2,
                     .image_size_max = 0,
                     .projection = 896,
                     .norm_epsilon = 1e-6}};
}

// SigLIP2-so400m with MiniCPM4-3B, whose heads together are wider than its embeddings. A resampler makes 64
// tokens of a tile, whatever its size is.
ModelShape minicpm_v_4() {
  return {.name = "minicpm-v-4",
          .family = ModelShape::Family::minicpmv,
          .decoder = {.architecture = "llama",
                      .layers = 32,
                      .width = 2560,
                      .heads = 32,
                      .heads_kv = 2,
                      .head_width = 128,
                      .ffn = 10240,
                      .context = 32768,
                      .vocabulary = 73448,
                      .rope_base = 10000,
                      .norm_epsilon = 1e-6},
          .vision = {.projector = "resampler",
                     .layers = 27,
                     .width = 1152,
                     .heads = 16,
                     .ffn = 4304,
                     .image_size = 448,
                     .patch_size = 14,
                     .merge = 1,
                     .image_size_max = 0,
                     .queries = 64,
                     .projection = 2560,
                     .norm_epsilon = 1e-6}};
}

using MakeShape = ModelShape (*)();
constexpr std::array<MakeShape, 8> known_shapes{smolvlm_256m,  smolvlm2_2_2b, llava_1_5_7b, qwen3_5_0_8b,
                                                qwen2_5_vl_3b, gemma_3_4b,    internvl3_1b, minicpm_v_4};

}  // namespace

std::vector<std::string> synth_names() {
  std::vector<std::string> names;
  for (MakeShape make : known_shapes) names.push_back(make().name);
  return names;
}

Result<ModelShape> synth_shape(std::string_view name) {
  std::string known;
  for (MakeShape make : known_shapes) {
    ModelShape shape = make();
    if (shape.name == name) return shape;
    known += (known.empty() ? "" : ", ") + shape.name;
  }
  return fail(Fault::invalid, std::format("there is no model shape '{}': choose one of {}", name, known));
}

}  // namespace fovea::llama
