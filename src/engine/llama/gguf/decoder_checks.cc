// libllama itself checks and reports the tensor shapes of every architecture. It does not survive two things:
// numbers that it divides by or indexes with, and lists beside the vocabulary that are shorter than it. The
// tensors of the llama family are checked here all the same, because the sentence is then about the file and
// not about the library.
#include "engine/llama/gguf/decoder_checks.h"

#include <algorithm>
#include <array>
#include <format>
#include <optional>

#include "engine/llama/gguf/file_rules.h"
#include "engine/llama/gguf/model_shape.h"

namespace fovea::llama {

namespace {

constexpr std::int64_t layers_max = 512;     // libllama's own limit
constexpr std::int64_t width_max = 1 << 17;  // several times the widest published model
constexpr std::int64_t heads_max = 1 << 12;
constexpr std::int64_t experts_max = 1 << 10;
constexpr std::int64_t context_max = 1 << 30;  // positions are counted in 32 bits

// Architectures with the llama layout: separate q, k and v, a gated feed-forward, norms before both.
constexpr std::array<std::string_view, 7> llama_family{"llama", "mistral3", "qwen2",  "qwen2vl",
                                                       "qwen3", "qwen3vl",  "smollm3"};

std::string key_of(const DecoderShape& shape, std::string_view name) {
  return std::format("{}.{}", shape.architecture, name);
}

bool in_llama_family(const DecoderShape& shape) {
  return std::ranges::find(llama_family, shape.architecture) != llama_family.end();
}

// A list with one element for each token, such as the tokens' types.
Result<void> check_parallel(const GgufFile& decoder, std::string_view key, GgufType type) {
  if (!decoder.has(key)) return {};
  const std::size_t tokens = decoder.texts("tokenizer.ggml.tokens").size();
  if (decoder.is_array(key) && decoder.type(key) == type && decoder.array_size(key) == tokens) return {};
  return decoder.refuse(
      Fault::corrupt,
      std::format("is damaged: '{}' should be a list of {} numbers of type {}, one for each token; get the file again",
                  key, tokens, to_string(type)));
}

Result<void> check_vocabulary(const GgufFile& decoder) {
  const std::string_view model = decoder.text("tokenizer.ggml.model").value_or("");
  if (model.empty() || model == "none" || model == "no_vocab" || decoder.texts("tokenizer.ggml.tokens").empty()) {
    return decoder.refuse(Fault::invalid, "has no vocabulary, so it cannot read text: give a complete language model");
  }
  if (Result<void> passed = check_parallel(decoder, "tokenizer.ggml.token_type", GgufType::i32); !passed) return passed;
  return check_parallel(decoder, "tokenizer.ggml.scores", GgufType::f32);
}

Result<void> check_numbers(const GgufFile& decoder, const DecoderShape& shape) {
  const auto key = [&shape](std::string_view name) { return key_of(shape, name); };
  // Layers without attention, in hybrid models, have no heads.
  const std::int64_t heads_min = in_llama_family(shape) ? 1 : 0;
  const std::array rules{CountRule{key("block_count"), 1, layers_max},
                         CountRule{key("embedding_length"), 1, width_max},
                         CountRule{key("context_length"), 1, context_max},
                         CountRule{key("attention.head_count"), heads_min, heads_max, Need::optional},
                         CountRule{key("attention.head_count_kv"), heads_min, heads_max, Need::optional},
                         CountRule{key("attention.key_length"), 1, width_max, Need::optional},
                         CountRule{key("attention.value_length"), 1, width_max, Need::optional},
                         CountRule{key("expert_count"), 0, experts_max, Need::optional},
                         CountRule{key("n_deepstack_layers"), 0, layers_max, Need::optional}};
  if (Result<void> passed = check_counts(decoder, rules); !passed) return passed;
  for (const char* name : {"attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon"}) {
    if (Result<void> passed = check_number(decoder, key(name), 0, 1); !passed) return passed;
  }
  return {};
}

std::int64_t head_width(const GgufFile& decoder, const DecoderShape& shape, std::string_view name) {
  return decoder.integer(key_of(shape, name)).value_or(shape.width / shape.heads);
}

Result<void> check_heads(const GgufFile& decoder, const DecoderShape& shape) {
  if (shape.heads == 0)
    return decoder.refuse(Fault::corrupt, "does not state its number of attention heads; get the file again");
  if (shape.heads % shape.heads_kv != 0) {
    return decoder.refuse(
        Fault::corrupt,
        std::format("is damaged: its {} attention heads cannot share {} heads of keys and values; get the file again",
                    shape.heads, shape.heads_kv));
  }
  if (decoder.has(key_of(shape, "attention.key_length")) || shape.width % shape.heads == 0) return {};
  return decoder.refuse(Fault::corrupt,
                        std::format("is damaged: {} attention heads do not divide its width of {}; get the file again",
                                    shape.heads, shape.width));
}

// Rotation works on pairs of a head's elements. ggml asserts that on its worker threads, where a failure ends
// the process. Outside the llama family the heads may differ from layer to layer, or there may be none; the
// bound is then a layer's whole width.
Result<void> check_rotation(const GgufFile& decoder, const DecoderShape& shape) {
  const bool alike = shape.heads > 0 && !decoder.is_array(key_of(shape, "attention.head_count"));
  const std::int64_t keys = alike ? head_width(decoder, shape, "attention.key_length")
                                  : decoder.integer(key_of(shape, "attention.key_length")).value_or(shape.width);
  const std::optional<std::int64_t> stated = decoder.integer(key_of(shape, "rope.dimension_count"));
  if (!stated && !in_llama_family(shape)) return {};  // may have no rotation
  const std::int64_t rotated = stated.value_or(keys);
  if (rotated > 0 && rotated <= keys && rotated % 2 == 0) return {};
  return decoder.refuse(
      Fault::corrupt,
      std::format("is damaged: it rotates {} elements of heads that have {}; get the file again", rotated, keys));
}

std::vector<TensorRule> layer_rules(const GgufFile& decoder, const DecoderShape& shape, std::uint32_t layer) {
  const auto name = [layer](std::string_view part) { return std::format("blk.{}.{}.weight", layer, part); };
  const std::int64_t width = shape.width;
  const std::int64_t keys = head_width(decoder, shape, "attention.key_length");
  const std::int64_t values = head_width(decoder, shape, "attention.value_length");
  std::vector<TensorRule> rules{{name("attn_norm"), {width}},
                                {name("attn_q"), {width, keys * shape.heads}},
                                {name("attn_k"), {width, keys * shape.heads_kv}},
                                {name("attn_v"), {width, values * shape.heads_kv}},
                                {name("attn_output"), {values * shape.heads, width}},
                                {name("ffn_norm"), {width}}};
  if (decoder.integer(key_of(shape, "expert_count")).value_or(0) > 0)
    return rules;  // experts have tensors of their own
  rules.push_back({name("ffn_gate"), {width, shape.ffn}});
  rules.push_back({name("ffn_up"), {width, shape.ffn}});
  rules.push_back({name("ffn_down"), {shape.ffn, width}});
  return rules;
}

Result<void> check_llama_tensors(const GgufFile& decoder, const DecoderShape& shape) {
  const std::array outer{TensorRule{"token_embd.weight", {shape.width, shape.vocabulary}},
                         TensorRule{"output_norm.weight", {shape.width}},
                         TensorRule{"output.weight", {shape.width, shape.vocabulary}, Need::optional}};
  if (Result<void> passed = check_tensors(decoder, outer); !passed) return passed;
  // Models whose layers differ state lists of head counts and widths; libllama checks those.
  for (const char* name : {"attention.head_count", "attention.head_count_kv", "feed_forward_length"}) {
    if (decoder.is_array(key_of(shape, name))) return {};
  }
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
    if (Result<void> passed = check_tensors(decoder, layer_rules(decoder, shape, layer)); !passed) return passed;
  }
  return {};
}

}  // namespace

Result<void> check_decoder(const GgufFile& decoder) {
  const DecoderShape shape = read_decoder_shape(decoder);
  if (shape.architecture.empty())
    return decoder.refuse(Fault::invalid, "does not say what kind of model it is: give a complete language model");
  if (Result<void> passed = check_vocabulary(decoder); !passed) return passed;
  if (Result<void> passed = check_numbers(decoder, shape); !passed) return passed;
  if (in_llama_family(shape)) {
    if (Result<void> passed = check_heads(decoder, shape); !passed) return passed;
  }
  if (Result<void> passed = check_rotation(decoder, shape); !passed) return passed;
  return in_llama_family(shape) ? check_llama_tensors(decoder, shape) : Result<void>();
}

std::int64_t decoder_input_width(const GgufFile& decoder) {
  const DecoderShape shape = read_decoder_shape(decoder);
  const std::int64_t extra = decoder.integer(key_of(shape, "n_deepstack_layers")).value_or(0);
  return std::int64_t{shape.width} * (1 + extra);
}

}  // namespace fovea::llama
