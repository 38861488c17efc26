// The numbers are scaled so that activations neither vanish nor explode: every matrix keeps the variance of
// its normalised input (spread 1/sqrt(row length)), norms are 1, biases are small. Token embeddings are as
// large as all that the layers add to them, so that a word of the answer depends on the word before it as
// well as on the image. With small ones, one word would repeat for ever.
#include "engine/llama/synth/synth_plan.h"

#include <cmath>
#include <format>

#include "engine/llama/synth/synth_vocabulary.h"

namespace fovea::llama {

namespace {

constexpr float bias_spread = 0.02f;
constexpr float position_spread = 0.2f;

// llama.cpp's number for "mostly this type" (general.file_type). A type without one is shown as f16; nothing
// uses it.
std::uint32_t file_type_number(std::int32_t type) {
  switch (type) {
    case GGML_TYPE_F32:
      return 0;
    case GGML_TYPE_Q4_0:
      return 2;
    case GGML_TYPE_Q4_1:
      return 3;
    case GGML_TYPE_Q8_0:
      return 7;
    case GGML_TYPE_Q5_0:
      return 8;
    case GGML_TYPE_Q5_1:
      return 9;
    case GGML_TYPE_Q4_K:
      return 15;
    case GGML_TYPE_Q5_K:
      return 17;
    case GGML_TYPE_Q6_K:
      return 18;
    case GGML_TYPE_BF16:
      return 32;
    default:
      return 1;
  }
}

// Adds tensors to a file by their kind.
class Tensors {
 public:
  Tensors(SynthFile& file, std::int32_t type) : file_(file), type_(type) {}

  // A weight matrix [in, out]. Where the type's block size does not divide `in`, the type is q8_0, and else
  // f16, as in published files.
  void matrix(const std::string& name, std::uint32_t in, std::uint32_t out, Draw draw = {}) {
    if (draw.spread == 0) draw.spread = 1.0f / std::sqrt(static_cast<float>(in));
    std::int32_t type = type_;
    if (in % ggml_blck_size(static_cast<ggml_type>(type)) != 0) type = GGML_TYPE_Q8_0;
    if (in % ggml_blck_size(static_cast<ggml_type>(type)) != 0) type = GGML_TYPE_F16;
    add(name, {in, out}, type, std::move(draw));
  }
  void norm(const std::string& name, std::uint32_t width) {
    add(name, {width}, GGML_TYPE_F32, {.mean = 1, .spread = bias_spread});
  }
  void bias(const std::string& name, std::uint32_t width) {
    add(name, {width}, GGML_TYPE_F32, {.spread = bias_spread});
  }
  // A matrix with a bias: a linear layer.
  void linear(const std::string& name, std::uint32_t in, std::uint32_t out) {
    matrix(name + ".weight", in, out);
    bias(name + ".bias", out);
  }
  void layer_norm(const std::string& name, std::uint32_t width) {
    norm(name + ".weight", width);
    bias(name + ".bias", width);
  }
  void add(const std::string& name, const std::vector<std::int64_t>& shape, std::int32_t type, Draw draw) {
    file_.writer.add_tensor(name, shape, type);
    file_.draws.push_back(std::move(draw));
  }
  bool full_precision() const { return type_ == GGML_TYPE_F32; }

 private:
  SynthFile& file_;
  std::int32_t type_;
};

void set_decoder_metadata(GgufWriter& writer, const ModelShape& model, std::int32_t type) {
  const DecoderShape& shape = model.decoder;
  const auto key = [&shape](const char* name) { return std::format("{}.{}", shape.architecture, name); };
  writer.set("general.architecture", shape.architecture);
  writer.set("general.type", std::string("model"));
  writer.set("general.name", std::format("{} shape, random weights", model.name));
  writer.set("general.file_type", file_type_number(type));
  writer.set(key("block_count").c_str(), shape.layers);
  writer.set(key("context_length").c_str(), shape.context);
  writer.set(key("embedding_length").c_str(), shape.width);
  writer.set(key("feed_forward_length").c_str(), shape.ffn);
  writer.set(key("attention.head_count").c_str(), shape.heads);
  writer.set(key("attention.head_count_kv").c_str(), shape.heads_kv);
  writer.set(key("attention.layer_norm_rms_epsilon").c_str(), static_cast<float>(shape.norm_epsilon));
  writer.set(key("rope.freq_base").c_str(), static_cast<float>(shape.rope_base));
  writer.set(key("rope.dimension_count").c_str(), shape.width / shape.heads);
  writer.set(key("vocab_size").c_str(), shape.vocabulary);
  if (shape.window > 0) writer.set(key("attention.sliding_window").c_str(), shape.window);
}

void set_vocabulary(GgufWriter& writer, const SynthVocabulary& vocabulary) {
  writer.set("tokenizer.ggml.model", vocabulary.model);
  if (!vocabulary.pre.empty()) writer.set("tokenizer.ggml.pre", vocabulary.pre);
  writer.set("tokenizer.ggml.tokens", vocabulary.tokens);
  writer.set("tokenizer.ggml.token_type", std::span<const std::int32_t>(vocabulary.types));
  if (vocabulary.merges.empty())
    writer.set("tokenizer.ggml.scores", std::span<const float>(vocabulary.scores));
  else
    writer.set("tokenizer.ggml.merges", vocabulary.merges);
  writer.set("tokenizer.ggml.bos_token_id", vocabulary.bos);
  writer.set("tokenizer.ggml.eos_token_id", vocabulary.eos);
  writer.set("tokenizer.ggml.add_bos_token", vocabulary.add_bos);
  writer.set("tokenizer.chat_template", vocabulary.chat_template);
}

// Gemma 3 is llama with more norms, with token embeddings that are multiplied by the square root of their
// width, and with sliding windows.
bool is_gemma3(const DecoderShape& shape) { return shape.architecture == "gemma3"; }

void add_decoder_layer(Tensors& tensors, const DecoderShape& shape, std::uint32_t layer) {
  const auto name = [layer](const char* part) { return std::format("blk.{}.{}.weight", layer, part); };
  const std::uint32_t head_width = shape.width / shape.heads, kv_width = head_width * shape.heads_kv;
  tensors.norm(name("attn_norm"), shape.width);
  tensors.matrix(name("attn_q"), shape.width, shape.width);
  tensors.matrix(name("attn_k"), shape.width, kv_width);
  tensors.matrix(name("attn_v"), shape.width, kv_width);
  tensors.matrix(name("attn_output"), shape.width, shape.width);
  tensors.norm(name("ffn_norm"), shape.width);
  tensors.matrix(name("ffn_gate"), shape.width, shape.ffn);
  tensors.matrix(name("ffn_up"), shape.width, shape.ffn);
  tensors.matrix(name("ffn_down"), shape.ffn, shape.width);
  if (!is_gemma3(shape)) return;
  for (const char* part : {"attn_q_norm", "attn_k_norm"}) tensors.norm(name(part), head_width);
  for (const char* part : {"post_attention_norm", "post_ffw_norm"}) tensors.norm(name(part), shape.width);
}

// As large as all that the layers add: attention and feed-forward add about 1 each.
float embedding_spread(const DecoderShape& shape) {
  const float spread = std::sqrt(static_cast<float>(2 * shape.layers));
  return is_gemma3(shape) ? spread / std::sqrt(static_cast<float>(shape.width)) : spread;
}

void set_vision_metadata(GgufWriter& writer, const ModelShape& model, std::int32_t type) {
  const VisionShape& shape = model.vision;
  const bool siglip = model.family == ModelShape::Family::idefics3;
  writer.set("general.architecture", std::string("clip"));
  writer.set("general.type", std::string("mmproj"));
  writer.set("general.name", std::format("{} shape, random weights", model.name));
  writer.set("general.file_type", file_type_number(type));
  writer.set("clip.has_vision_encoder", true);
  writer.set("clip.projector_type", shape.projector);
  writer.set("clip.use_gelu", siglip);  // CLIP uses the quick approximation of GELU
  writer.set("clip.vision.image_size", shape.image_size);
  writer.set("clip.vision.patch_size", shape.patch_size);
  writer.set("clip.vision.embedding_length", shape.width);
  writer.set("clip.vision.feed_forward_length", shape.ffn);
  writer.set("clip.vision.block_count", shape.layers);
  writer.set("clip.vision.attention.head_count", shape.heads);
  writer.set("clip.vision.attention.layer_norm_epsilon", static_cast<float>(shape.norm_epsilon));
  writer.set("clip.vision.projection_dim", shape.projection);
  if (siglip) writer.set("clip.vision.projector.scale_factor", shape.merge);
  if (siglip) writer.set("clip.vision.preproc_image_size", shape.image_size_max);
  const std::vector<float> mean =
      siglip ? std::vector{0.5f, 0.5f, 0.5f} : std::vector{0.48145466f, 0.4578275f, 0.40821073f};
  const std::vector<float> deviation = siglip ? mean : std::vector{0.26862954f, 0.26130258f, 0.27577711f};
  writer.set("clip.vision.image_mean", std::span<const float>(mean));
  writer.set("clip.vision.image_std", std::span<const float>(deviation));
}

void add_vision_layer(Tensors& tensors, const VisionShape& shape, std::uint32_t layer) {
  const auto name = [layer](const char* part) { return std::format("v.blk.{}.{}", layer, part); };
  tensors.layer_norm(name("ln1"), shape.width);
  for (const char* part : {"attn_q", "attn_k", "attn_v", "attn_out"})
    tensors.linear(name(part), shape.width, shape.width);
  tensors.layer_norm(name("ln2"), shape.width);
  tensors.linear(name("ffn_up"), shape.width, shape.ffn);
  tensors.linear(name("ffn_down"), shape.ffn, shape.width);
}

void add_patches(Tensors& tensors, const VisionShape& shape, bool class_token) {
  const std::int64_t patch = shape.patch_size;
  const std::int64_t side = shape.image_size / shape.patch_size;
  const float spread = 1.0f / std::sqrt(static_cast<float>(3 * patch * patch));
  tensors.add("v.patch_embd.weight", {patch, patch, 3, shape.width},
              tensors.full_precision() ? GGML_TYPE_F32 : GGML_TYPE_F16, {.spread = spread});
  tensors.add("v.position_embd.weight", {shape.width, side * side + (class_token ? 1 : 0)}, GGML_TYPE_F32,
              {.spread = position_spread});
}

}  // namespace

SynthFile plan_decoder(const ModelShape& shape, std::int32_t type) {
  SynthFile file;
  const SynthVocabulary vocabulary = make_synth_vocabulary(shape);
  set_decoder_metadata(file.writer, shape, type);
  set_vocabulary(file.writer, vocabulary);
  Tensors tensors(file, type);
  tensors.matrix("token_embd.weight", shape.decoder.width, shape.decoder.vocabulary,
                 {.spread = embedding_spread(shape.decoder)});
  tensors.norm("output_norm.weight", shape.decoder.width);
  // A silent token's logit is 0, which is never the largest among those of many words.
  tensors.matrix("output.weight", shape.decoder.width, shape.decoder.vocabulary, {.zero_rows = vocabulary.silent});
  for (std::uint32_t layer = 0; layer < shape.decoder.layers; ++layer) add_decoder_layer(tensors, shape.decoder, layer);
  return file;
}

SynthFile plan_mmproj(const ModelShape& shape, std::int32_t type) {
  SynthFile file;
  const VisionShape& vision = shape.vision;
  set_vision_metadata(file.writer, shape, type);
  Tensors tensors(file, type);
  if (shape.family == ModelShape::Family::idefics3) {
    add_patches(tensors, vision, /*class_token=*/false);
    tensors.bias("v.patch_embd.bias", vision.width);
    tensors.layer_norm("v.post_ln", vision.width);
    tensors.matrix("mm.model.fc.weight", vision.width * vision.merge * vision.merge, vision.projection);
  } else {
    add_patches(tensors, vision, /*class_token=*/true);
    tensors.bias("v.class_embd", vision.width);
    tensors.layer_norm("v.pre_ln", vision.width);
    tensors.linear("mm.0", vision.width, vision.projection);
    tensors.linear("mm.2", vision.projection, vision.projection);
  }
  for (std::uint32_t layer = 0; layer < vision.layers; ++layer) add_vision_layer(tensors, vision, layer);
  return file;
}

}  // namespace fovea::llama
