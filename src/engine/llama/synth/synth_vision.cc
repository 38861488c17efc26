// The vision encoder's plan. Declared in synth_plan.h. The encoders are pre-norm transformers on square
// patches. They differ in how places are known, in the class token, and in what joins patches behind them.
#include <format>

#include "engine/llama/synth/synth_plan.h"
#include "engine/llama/synth/synth_tensors.h"

namespace fovea::llama {

namespace {

using Family = ModelShape::Family;

constexpr float position_spread = 0.2f;

// A resampler's tiles have several sizes, and libmtmd maps each patch to one of 70 x 70 places.
constexpr std::int64_t resampler_places = 70;
// The layout of tiles and of the tokens around them that libmtmd knows under this number: MiniCPM-V 4.0's.
constexpr std::int32_t minicpmv_version = 5;

bool is_siglip(const ModelShape& model) {
  return model.family == Family::idefics3 || model.family == Family::gemma3 || model.family == Family::minicpmv;
}
// Qwen 2.5's encoder has root-mean-square norms, gated layers, and windows instead of a table of positions.
bool is_windowed(const VisionShape& shape) { return shape.projector == "qwen2.5vl_merger"; }
// A picture's patches keep their places in two dimensions by rotation, so all sizes are possible.
bool has_rotary_places(const ModelShape& model) { return model.family == Family::qwen_vl; }

void set_colours(GgufWriter& writer, const ModelShape& model) {
  std::vector<float> mean{0.48145466f, 0.4578275f, 0.40821073f}, deviation{0.26862954f, 0.26130258f, 0.27577711f};
  if (is_siglip(model) || model.vision.projector == "qwen3vl_merger") mean = deviation = {0.5f, 0.5f, 0.5f};
  if (model.family == Family::internvl) {
    mean = {0.485f, 0.456f, 0.406f};
    deviation = {0.229f, 0.224f, 0.225f};
  }
  writer.set("clip.vision.image_mean", std::span<const float>(mean));
  writer.set("clip.vision.image_std", std::span<const float>(deviation));
}

void set_vision_metadata(GgufWriter& writer, const ModelShape& model, std::int32_t type) {
  const VisionShape& shape = model.vision;
  writer.set("general.architecture", std::string("clip"));
  writer.set("general.type", std::string("mmproj"));
  writer.set("general.name", std::format("{} shape, random weights", model.name));
  writer.set("general.file_type", file_type_number(type));
  writer.set("clip.has_vision_encoder", true);
  writer.set("clip.projector_type", shape.projector);
  // CLIP uses the quick approximation of GELU.
  writer.set("clip.use_gelu", model.family != Family::llava && !is_windowed(shape));
  if (is_windowed(shape)) writer.set("clip.use_silu", true);
  writer.set("clip.vision.image_size", shape.image_size);
  writer.set("clip.vision.patch_size", shape.patch_size);
  writer.set("clip.vision.embedding_length", shape.width);
  writer.set("clip.vision.feed_forward_length", shape.ffn);
  writer.set("clip.vision.block_count", shape.layers);
  writer.set("clip.vision.attention.head_count", shape.heads);
  writer.set("clip.vision.attention.layer_norm_epsilon", static_cast<float>(shape.norm_epsilon));
  writer.set("clip.vision.projection_dim", shape.projection);
  if (model.family == Family::idefics3 || model.family == Family::internvl)
    writer.set("clip.vision.projector.scale_factor", shape.merge);
  if (has_rotary_places(model)) writer.set("clip.vision.spatial_merge_size", shape.merge);
  if (model.family == Family::idefics3) writer.set("clip.vision.preproc_image_size", shape.image_size_max);
  if (is_windowed(shape)) {
    writer.set("clip.vision.n_wa_pattern", std::uint32_t{8});
    writer.set("clip.vision.window_size", 8 * shape.patch_size);
  }
  if (model.family == Family::minicpmv) {
    writer.set("clip.minicpmv_version", minicpmv_version);
    writer.set("clip.minicpmv_query_num", shape.queries);
  }
  set_colours(writer, model);
}

void add_vision_norm(Tensors& tensors, const VisionShape& shape, const std::string& name) {
  is_windowed(shape) ? tensors.norm(name + ".weight", shape.width) : tensors.layer_norm(name, shape.width);
}

void add_vision_layer(Tensors& tensors, const ModelShape& model, std::uint32_t index) {
  const VisionShape& shape = model.vision;
  const std::string layer = std::format("v.blk.{}.", index);
  add_vision_norm(tensors, shape, layer + "ln1");
  if (shape.projector == "qwen3vl_merger") {
    tensors.linear(layer + "attn_qkv", shape.width, 3 * shape.width);
  } else {
    for (const char* part : {"attn_q", "attn_k", "attn_v"}) tensors.linear(layer + part, shape.width, shape.width);
  }
  tensors.linear(layer + "attn_out", shape.width, shape.width);
  add_vision_norm(tensors, shape, layer + "ln2");
  tensors.linear(layer + "ffn_up", shape.width, shape.ffn);
  if (is_windowed(shape)) tensors.linear(layer + "ffn_gate", shape.width, shape.ffn);
  tensors.linear(layer + "ffn_down", shape.ffn, shape.width);
  if (model.family != Family::internvl) return;
  for (const char* part : {"ls1.weight", "ls2.weight"}) tensors.norm(layer + part, shape.width);
}

void add_patches(Tensors& tensors, const ModelShape& model) {
  const VisionShape& shape = model.vision;
  const std::int64_t patch = shape.patch_size;
  const std::int64_t side = model.family == Family::minicpmv ? resampler_places : shape.image_size / shape.patch_size;
  const std::int32_t type = tensors.full_precision() ? GGML_TYPE_F32 : GGML_TYPE_F16;
  const Draw draw{.spread = 1.0f / std::sqrt(static_cast<float>(3 * patch * patch)), .zero_rows = {}};
  tensors.add("v.patch_embd.weight", {patch, patch, 3, shape.width}, type, draw);
  // Of the second of two frames; a picture is both.
  if (has_rotary_places(model)) tensors.add("v.patch_embd.weight.1", {patch, patch, 3, shape.width}, type, draw);
  const bool class_token = model.family == Family::llava || model.family == Family::internvl;
  if (!is_windowed(shape))
    tensors.add("v.position_embd.weight", {shape.width, side * side + (class_token ? 1 : 0)}, GGML_TYPE_F32,
                {.spread = position_spread});
  if (class_token) tensors.bias("v.class_embd", shape.width);
  if (!is_windowed(shape) && model.family != Family::llava) tensors.bias("v.patch_embd.bias", shape.width);
}

// Attention whose queries are weights: each tile becomes as many tokens as there are queries. libmtmd
// computes the patches' places itself, but demands the table of them that published files have.
void add_resampler(Tensors& tensors, const VisionShape& shape) {
  const std::uint32_t width = shape.projection;
  tensors.add("resampler.query", {width, shape.queries}, GGML_TYPE_F32, {.spread = 1.0f, .zero_rows = {}});
  tensors.add("resampler.pos_embed_k", {width, resampler_places * resampler_places}, GGML_TYPE_F32,
              {.spread = position_spread, .zero_rows = {}});
  tensors.matrix("resampler.kv.weight", shape.width, width);
  for (const char* part : {"q", "k", "v", "out"}) tensors.linear(std::format("resampler.attn.{}", part), width, width);
  for (const char* part : {"q", "kv", "post"}) tensors.layer_norm(std::format("resampler.ln_{}", part), width);
  tensors.matrix("resampler.proj.weight", width, width);
}

void add_projector(Tensors& tensors, const ModelShape& model) {
  const VisionShape& shape = model.vision;
  const std::uint32_t joined = shape.width * shape.merge * shape.merge;
  switch (model.family) {
    case Family::idefics3:
      return tensors.matrix("mm.model.fc.weight", joined, shape.projection);
    case Family::llava:
      tensors.linear("mm.0", shape.width, shape.projection);
      return tensors.linear("mm.2", shape.projection, shape.projection);
    case Family::qwen_vl:
      tensors.linear("mm.0", joined, joined);
      return tensors.linear("mm.2", joined, shape.projection);
    case Family::gemma3:  // multiplied from the other side, behind the mean of the joined patches
      tensors.add("mm.input_projection.weight", {shape.projection, shape.width},
                  tensors.full_precision() ? GGML_TYPE_F32 : GGML_TYPE_F16,
                  {.spread = 1.0f / std::sqrt(static_cast<float>(shape.width)), .zero_rows = {}});
      return tensors.norm("mm.soft_emb_norm.weight", shape.width);
    case Family::internvl:
      tensors.layer_norm("mm.model.mlp.0", joined);
      tensors.linear("mm.model.mlp.1", joined, shape.projection);
      return tensors.linear("mm.model.mlp.3", shape.projection, shape.projection);
    case Family::minicpmv:
      return add_resampler(tensors, shape);
  }
}

}  // namespace

SynthFile plan_mmproj(const ModelShape& shape, std::int32_t type) {
  SynthFile file;
  set_vision_metadata(file.writer, shape, type);
  Tensors tensors(file, type);
  add_patches(tensors, shape);
  if (shape.family == Family::llava) tensors.layer_norm("v.pre_ln", shape.vision.width);
  if (shape.family != Family::llava && shape.family != Family::internvl)
    add_vision_norm(tensors, shape.vision, "v.post_ln");
  add_projector(tensors, shape);
  for (std::uint32_t layer = 0; layer < shape.vision.layers; ++layer) add_vision_layer(tensors, shape, layer);
  return file;
}

}  // namespace fovea::llama
