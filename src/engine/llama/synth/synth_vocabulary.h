// SynthVocabulary: the vocabulary of a synthesised model: every byte, every special token that its projector
// needs, and made-up words up to the size of the real one. Any text can be tokenized (byte by byte); answers
// consist of the words. A plain value; the functions are pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/llama/gguf/model_shape.h"

namespace fovea::llama {

struct SynthVocabulary {
  // Llama.cpp's word for the tokenizer: "gpt2" (byte pairs) or "llama" (sentence pieces).
  std::string model;
  std::string pre;            // how byte pairs split text into words first; empty for sentence pieces
  std::string chat_template;  // Jinja
  std::vector<std::string> tokens;
  std::vector<std::int32_t> types;
  std::vector<float> scores;         // sentence pieces only
  std::vector<std::string> merges;   // byte pairs only
  std::vector<std::int64_t> silent;  // ascending: tokens that are never chosen; their output rows are zero
  std::uint32_t bos = 0;
  std::uint32_t eos = 0;
  bool add_bos = false;
};

// REQUIRES: the shape's vocabulary has room for the bytes and the special tokens (vocabulary_min).
SynthVocabulary make_synth_vocabulary(const ModelShape& shape);

// The least vocabulary size that make_synth_vocabulary takes.
std::uint32_t vocabulary_min(const ModelShape& shape);

}  // namespace fovea::llama
