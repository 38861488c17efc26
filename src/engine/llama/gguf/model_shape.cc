// Reads without judging: what is absent or impossible becomes 0, and the checks (decoder_checks,
// vision_checks) say what a model must have.
#include "engine/llama/gguf/model_shape.h"

#include <algorithm>
#include <array>
#include <format>

namespace fovea::llama {

namespace {

// A count from the metadata; of a list of counts (one for each layer) the largest.
std::uint32_t count(const GgufFile& file, std::string_view key) {
  std::int64_t number = file.integer(key).value_or(0);
  if (const std::vector<std::int64_t> each = file.integers(key); !each.empty()) number = std::ranges::max(each);
  return number > 0 && number <= UINT32_MAX ? static_cast<std::uint32_t>(number) : 0;
}

}  // namespace

DecoderShape read_decoder_shape(const GgufFile& file) {
  DecoderShape shape;
  shape.architecture = file.text("general.architecture").value_or("");
  const auto key = [&shape](std::string_view name) { return std::format("{}.{}", shape.architecture, name); };
  shape.layers = count(file, key("block_count"));
  shape.width = count(file, key("embedding_length"));
  shape.heads = count(file, key("attention.head_count"));
  shape.heads_kv = count(file, key("attention.head_count_kv"));
  if (shape.heads_kv == 0) shape.heads_kv = shape.heads;
  shape.head_width = count(file, key("attention.key_length"));
  shape.ffn = count(file, key("feed_forward_length"));
  shape.context = count(file, key("context_length"));
  shape.vocabulary = static_cast<std::uint32_t>(file.texts("tokenizer.ggml.tokens").size());
  shape.window = count(file, key("attention.sliding_window"));
  shape.attention_interval = count(file, key("full_attention_interval"));
  shape.recurrent_heads = count(file, key("ssm.time_step_rank"));
  shape.recurrent_width = count(file, key("ssm.state_size"));
  shape.rope_base = file.number(key("rope.freq_base")).value_or(0);
  shape.norm_epsilon = file.number(key("attention.layer_norm_rms_epsilon")).value_or(0);
  return shape;
}

VisionShape read_vision_shape(const GgufFile& file) {
  VisionShape shape;
  shape.projector = projector_of(file);
  shape.layers = count(file, "clip.vision.block_count");
  shape.width = count(file, "clip.vision.embedding_length");
  shape.heads = count(file, "clip.vision.attention.head_count");
  shape.ffn = count(file, "clip.vision.feed_forward_length");
  shape.image_size = count(file, "clip.vision.image_size");
  shape.patch_size = count(file, "clip.vision.patch_size");
  const std::uint32_t merge_default = shape.projector == "gemma3" ? 4 : 1;  // libmtmd's own default
  shape.merge = file.has("clip.vision.projector.scale_factor") ? count(file, "clip.vision.projector.scale_factor")
                                                               : merge_default;
  shape.image_size_max = count(file, "clip.vision.preproc_image_size");
  shape.queries = count(file, "clip.minicpmv_query_num");
  shape.projection = count(file, "clip.vision.projection_dim");
  shape.norm_epsilon = file.number("clip.vision.attention.layer_norm_epsilon").value_or(0);
  return shape;
}

std::string_view projector_of(const GgufFile& file) {
  const std::string_view shared = file.text("clip.projector_type").value_or("");
  return shared.empty() ? file.text("clip.vision.projector_type").value_or("") : shared;
}

std::optional<std::uint32_t> tokens_per_tile(const VisionShape& vision) {
  if (vision.projector == "resampler" && vision.queries > 0) return vision.queries;
  constexpr std::array<std::string_view, 5> fixed{"idefics3", "gemma3", "internvl", "janus_pro", "mlp"};
  if (std::ranges::find(fixed, vision.projector) == fixed.end() || vision.patch_size == 0 || vision.merge == 0)
    return std::nullopt;
  const std::uint32_t side = vision.image_size / vision.patch_size / vision.merge;
  return side * side;
}

}  // namespace fovea::llama
