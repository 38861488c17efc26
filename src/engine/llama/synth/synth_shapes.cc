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

using MakeShape = ModelShape (*)();
constexpr std::array<MakeShape, 3> known_shapes{smolvlm_256m, smolvlm2_2_2b, llava_1_5_7b};

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
