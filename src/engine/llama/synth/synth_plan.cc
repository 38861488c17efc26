// The decoder's plan. Token embeddings are as large as all that the layers add to them, so that a word of the
// answer depends on the word before it as well as on the image. With small ones, one word would repeat for
// ever.
#include "engine/llama/synth/synth_plan.h"

#include <array>
#include <format>

#include "engine/llama/synth/synth_tensors.h"
#include "engine/llama/synth/synth_vocabulary.h"

namespace fovea::llama {

namespace {

constexpr std::uint32_t conv_kernel = 4;  // tokens that a recurrent layer's convolution sees

// Gemma 3 is llama with more norms, with token embeddings that are multiplied by the square root of their
// width, and with sliding windows.
bool is_gemma3(const DecoderShape& shape) { return shape.architecture == "gemma3"; }
// Qwen 2 is llama with biases of queries, keys and values.
bool is_qwen2(const DecoderShape& shape) { return shape.architecture.starts_with("qwen2"); }
// Qwen 3.5: gated attention in every so many layers, gated delta nets in the others.
bool is_qwen35(const DecoderShape& shape) { return shape.architecture == "qwen35"; }

std::uint32_t head_width(const DecoderShape& shape) {
  return shape.head_width > 0 ? shape.head_width : shape.width / shape.heads;
}

// How many elements of a head are rotated.
std::uint32_t rotated(const DecoderShape& shape) { return head_width(shape) / (is_qwen35(shape) ? 4 : 1); }

// How many pairs of rotated elements go by a token's time, row and column; empty where there is only time.
std::vector<std::int32_t> rotary_sections(const DecoderShape& shape) {
  const auto pairs = static_cast<std::int32_t>(rotated(shape) / 2);
  if (is_qwen35(shape)) return {(pairs + 2) / 3, (pairs + 1) / 3, pairs / 3, 0};
  if (shape.architecture == "qwen2vl") return {pairs / 4, 3 * pairs / 8, 3 * pairs / 8, 0};
  return {};
}

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
  if (shape.head_width > 0) {
    writer.set(key("attention.key_length").c_str(), shape.head_width);
    writer.set(key("attention.value_length").c_str(), shape.head_width);
  }
  writer.set(key("attention.layer_norm_rms_epsilon").c_str(), static_cast<float>(shape.norm_epsilon));
  writer.set(key("rope.freq_base").c_str(), static_cast<float>(shape.rope_base));
  writer.set(key("rope.dimension_count").c_str(), rotated(shape));
  if (const auto sections = rotary_sections(shape); !sections.empty())
    writer.set(key("rope.dimension_sections").c_str(), std::span<const std::int32_t>(sections));
  writer.set(key("vocab_size").c_str(), shape.vocabulary);
  if (shape.window > 0) writer.set(key("attention.sliding_window").c_str(), shape.window);
  if (!is_qwen35(shape)) return;
  writer.set(key("full_attention_interval").c_str(), shape.attention_interval);
  writer.set(key("ssm.conv_kernel").c_str(), conv_kernel);
  writer.set(key("ssm.state_size").c_str(), shape.recurrent_width);
  writer.set(key("ssm.group_count").c_str(), shape.recurrent_heads);
  writer.set(key("ssm.time_step_rank").c_str(), shape.recurrent_heads);
  writer.set(key("ssm.inner_size").c_str(), shape.recurrent_heads * shape.recurrent_width);
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

void add_attention(Tensors& tensors, const DecoderShape& shape, const std::string& layer) {
  const std::uint32_t queries = head_width(shape) * shape.heads, kv_width = head_width(shape) * shape.heads_kv;
  // Qwen 3.5's queries have a gate beside each.
  tensors.matrix(layer + "attn_q.weight", shape.width, queries * (is_qwen35(shape) ? 2 : 1));
  tensors.matrix(layer + "attn_k.weight", shape.width, kv_width);
  tensors.matrix(layer + "attn_v.weight", shape.width, kv_width);
  tensors.matrix(layer + "attn_output.weight", queries, shape.width);
  if (is_qwen2(shape)) {
    tensors.bias(layer + "attn_q.bias", queries);
    for (const char* part : {"attn_k.bias", "attn_v.bias"}) tensors.bias(layer + part, kv_width);
  }
  if (!is_gemma3(shape) && !is_qwen35(shape)) return;
  for (const char* part : {"attn_q_norm.weight", "attn_k_norm.weight"}) tensors.norm(layer + part, head_width(shape));
}

// A gated delta net. What it remembers fades by exp(ssm_a * softplus(...)), so ssm_a is below 0.
void add_recurrence(Tensors& tensors, const DecoderShape& shape, const std::string& layer) {
  const std::uint32_t inner = shape.recurrent_heads * shape.recurrent_width;
  tensors.matrix(layer + "attn_qkv.weight", shape.width, 3 * inner);
  tensors.matrix(layer + "attn_gate.weight", shape.width, inner);
  tensors.add(layer + "ssm_conv1d.weight", {conv_kernel, std::int64_t{3} * inner}, GGML_TYPE_F32, {.spread = 0.5f});
  tensors.bias(layer + "ssm_dt.bias", shape.recurrent_heads);
  tensors.add(layer + "ssm_a", {shape.recurrent_heads}, GGML_TYPE_F32, {.mean = -0.1f, .spread = 0.01f});
  for (const char* part : {"ssm_beta.weight", "ssm_alpha.weight"})
    tensors.matrix(layer + part, shape.width, shape.recurrent_heads);
  tensors.norm(layer + "ssm_norm.weight", shape.recurrent_width);
  tensors.matrix(layer + "ssm_out.weight", inner, shape.width);
}

void add_decoder_layer(Tensors& tensors, const DecoderShape& shape, std::uint32_t index) {
  const std::string layer = std::format("blk.{}.", index);
  tensors.norm(layer + "attn_norm.weight", shape.width);
  const bool recurrent = shape.attention_interval > 0 && (index + 1) % shape.attention_interval != 0;
  recurrent ? add_recurrence(tensors, shape, layer) : add_attention(tensors, shape, layer);
  if (is_qwen35(shape)) tensors.norm(layer + "post_attention_norm.weight", shape.width);
  if (!is_qwen35(shape)) tensors.norm(layer + "ffn_norm.weight", shape.width);
  tensors.matrix(layer + "ffn_gate.weight", shape.width, shape.ffn);
  tensors.matrix(layer + "ffn_up.weight", shape.width, shape.ffn);
  tensors.matrix(layer + "ffn_down.weight", shape.ffn, shape.width);
  if (!is_gemma3(shape)) return;
  for (const char* part : {"post_attention_norm.weight", "post_ffw_norm.weight"})
    tensors.norm(layer + part, shape.width);
}

// As large as all that the layers add: attention and feed-forward add about 1 each.
float embedding_spread(const DecoderShape& shape) {
  const float spread = std::sqrt(static_cast<float>(2 * shape.layers));
  return is_gemma3(shape) ? spread / std::sqrt(static_cast<float>(shape.width)) : spread;
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

}  // namespace fovea::llama
